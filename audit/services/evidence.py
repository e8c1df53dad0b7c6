"""Evidence that staff add, and evidence whose time is over."""

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from audit.models import Case, Evidence
from audit.moderation_announcements import evidence_added
from audit.moderation_choices import EvidenceKind
from audit.moderation_errors import CaseRefused, OwnCase
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as


@transaction.atomic
def evidence_add(*, case_id: UUID, content: dict[str, Any], actor: User) -> Evidence:
    """Keep words and facts with a case, as an object: a link that was found, a transcript, an answer.

    Locks: the case. Raises: CaseRefused (nothing to keep, kept already), OwnCase, NotThere. Announces:
    `evidence_added`, without the content.
    """
    if not content:
        raise CaseRefused("There is nothing to keep.")
    case = locked(Case, case_id)
    if case.person_id == actor.pk:
        raise OwnCase("Nobody works a case about themselves. Leave it to a colleague.")
    evidence = Evidence(
        case=case,
        person_id=case.person_id,
        kind=EvidenceKind.ATTACHMENT,
        subject_kind=case.subject_kind,
        subject_id=case.subject_id,
        content=content,
        # The database computes the digest over its own text of the content.
        sha256=bytes(32),
        captured_at=database_now(),
        captured_by=actor,
    )
    with refused_as(CaseRefused):
        evidence.save(force_insert=True)
    evidence.refresh_from_db()
    evidence_added.send(
        sender=Case, actor=actor, subject=case, detail={"sha256": bytes(evidence.sha256).hex()}
    )
    return evidence


def evidence_expire(*, batch: int = 500) -> int:
    """Delete a batch of evidence whose time is over; returns how much. Run as the worker.

    The database keeps what belongs to a case that is not decided, or that a live appeal is about.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT moderation_evidence_expire(%s)", [batch])
        (gone,) = cursor.fetchone()
    return int(gone)


def evidence_due() -> int:
    """How much evidence has come to its time; some of it may still be needed."""
    return Evidence.objects.filter(keep_until__lte=database_now()).count()
