"""Consent of participants: recorded with the signed document, withdrawn, revealed to compliance."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.encryption.reveal import Revealed, reveal
from streams.announcements import release_recorded, release_withdrawn
from streams.choices import ReleaseScope
from streams.errors import ReleaseRefused
from streams.models import Participant, Release

LONGEST_REFERENCE = 300


@transaction.atomic
def release_record(
    *,
    participant_id: UUID,
    scope: ReleaseScope | str,
    document: str,
    signed_at: dt.datetime,
    actor: User | None,
) -> Release:
    """Keep a participant's consent. `document` says where the signed paper lies; it is sealed.

    Recorded by the performer of the stream or by the participant. Raises: ReleaseRefused (no document, an unknown
    scope, signed in the future, on record already), NotThere. Announces: `release_recorded`.
    """
    participant = Participant.objects.filter(pk=participant_id).first()
    if participant is None:
        raise NotThere("There is no such participant, or your role may not see it.")
    if not document.strip() or len(document) > LONGEST_REFERENCE or not document.isprintable():
        raise ReleaseRefused(
            f"Say where the signed document lies, in 1 to {LONGEST_REFERENCE} characters on one line."
        )
    if signed_at > database_now():
        raise ReleaseRefused("A document is signed before it is recorded; this date lies in the future.")
    if scope not in ReleaseScope.values:
        raise ReleaseRefused(f"A consent is one of: {', '.join(ReleaseScope.values)}.")
    release = Release(
        participant=participant,
        performer_id=participant.performer_id,
        person_id=participant.person_id,
        scope=scope,
        document=document,
        signed_at=signed_at,
    )
    with refused_as(ReleaseRefused):
        release.save(force_insert=True)
    release_recorded.send(sender=Release, actor=actor, subject=release, detail={"scope": str(scope)})
    return release


@transaction.atomic
def release_withdraw(
    *, release_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> Release:
    """Take a consent back: by the participant, or by compliance. The stream does not start or resume without it.

    Locks: the release. Raises: ReleaseRefused (it was withdrawn), NotThere, StaleVersion.
    Announces: `release_withdrawn`.
    """
    release = locked(Release, release_id, expected_version=expected_version)
    if release.withdrawn_at is not None:
        raise ReleaseRefused("This consent was withdrawn already.")
    release.withdrawn_at = database_now()
    with refused_as(ReleaseRefused):
        release.save(update_fields=["withdrawn_at"])
    release_withdrawn.send(
        sender=Release,
        actor=actor,
        subject=release,
        reason=reason,
        changed=("withdrawn_at",),
        detail={"scope": release.scope},
    )
    return release


def release_reveal(*, release_id: UUID, actor: User, reason: str, case_reference: str = "") -> Revealed:
    """Show where the signed document lies, once, with a reason on record.

    Raises: NotThere, RevealRefused, KeyMissing. Announces: `data_revealed`.
    """
    release = Release.objects.filter(pk=release_id).first()
    if release is None:
        raise NotThere("There is no such release, or your role may not see it.")
    return reveal(
        subject=release,
        fields=["document"],
        person_id=release.person_id,
        actor=actor,
        reason=reason,
        case_reference=case_reference,
    )
