"""Private messages that were reported: opened by whoever works the case, with a reason, recorded first."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from audit.models import Evidence
from audit.moderation_choices import EvidenceKind, SubjectKind
from core.db.context import current_actor_id
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.encryption.reveal import (
    REASON_AT_LEAST,
    RevealNotRecorded,
    RevealRefused,
    data_revealed,
    reveal_refused,
)

WORDS = "SELECT place, sender_id, handle, written_at, status, files, body FROM moderation_private_words(%s)"


@dataclass(frozen=True)
class PrivateWords:
    """One copied message. `place` counts from the reported one, which is 0. Its representation shows no words."""

    place: int
    sender_id: UUID
    handle: str | None
    written_at: datetime
    status: str
    files: int
    body: str = field(repr=False)

    @property
    def is_reported(self) -> bool:
        """Whether this is the message that was reported."""
        return self.place == 0


def private_messages_open(*, evidence_id: UUID, actor: User, reason: str) -> list[PrivateWords]:
    """The private messages copied with a report, in their order, after the reading was recorded.

    For moderators and leads who hold the case, and compliance. The caller shows them once. Record and reading belong to
    one transaction, and the database gives no word without the record. Raises: RevealRefused (no reason, not one's
    case, one's own messages, too many readings, not recorded), NotThere. Announces: `data_revealed`.
    """
    evidence = (
        Evidence.objects.select_related("case")
        .filter(pk=evidence_id, subject_kind=SubjectKind.DIRECT_MESSAGE, kind=EvidenceKind.SNAPSHOT)
        .first()
    )
    if evidence is None:
        raise NotThere("There are no such private messages, or your role may not see them.")
    try:
        return _open(evidence, actor, reason)
    except RevealRefused as refusal:
        reveal_refused.send(
            sender=Evidence, actor=actor, subject=evidence, person_id=evidence.person_id, refusal=refusal
        )
        raise


@transaction.atomic
def _open(evidence: Evidence, actor: User, reason: str) -> list[PrivateWords]:
    if len(reason.strip()) < REASON_AT_LEAST:
        raise RevealRefused(
            f"Give a reason of at least {REASON_AT_LEAST} characters: it is kept with the reading."
        )
    if actor.pk != current_actor_id():
        raise RevealRefused("Only the person who is signed in can open them, in their own name.")
    if evidence.person_id == actor.pk:
        raise RevealRefused("These are your own messages. Leave them to a colleague.")
    answers = data_revealed.send(
        sender=Evidence,
        actor=actor,
        subject=evidence,
        reason=reason,
        detail={"fields": ["body"]},
        person_id=evidence.person_id,
        fields=["body"],
        case_reference=evidence.case.reference,
    )
    if not any(answer for _, answer in answers):
        raise RevealNotRecorded("Nothing was opened: the reading could not be recorded. Tell an engineer.")
    with refused_as(RevealRefused), connection.cursor() as cursor:
        cursor.execute(WORDS, [evidence.pk])
        return [PrivateWords(*row) for row in cursor.fetchall()]
