"""Admission: an application is submitted, a performer pauses, goes on, expires and leaves. Who may go live."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from performers.admission import Obstacle, ObstacleCode
from performers.announcements import (
    performer_expired,
    performer_offboarded,
    performer_paused,
    performer_resumed,
    performer_submitted,
)
from performers.choices import PerformerStatus
from performers.errors import AdmissionRefused, OwnAdmission
from performers.models import IdentityRecord, PerformerProfile

OBSTACLES = "SELECT performer_id, obstacle FROM performers_obstacles(%s::uuid[], %s)"
RUN_OUT = "SELECT performers_run_out(NULL, %s)"


def admission_obstacles(
    *, performer_ids: Iterable[UUID], at: dt.datetime | None = None
) -> dict[UUID, tuple[Obstacle, ...]]:
    """What keeps each performer from going live at `at` (UTC; None: now, by the database's clock). One query.

    An empty tuple: nothing does. Documents are compared with the clock itself, whatever the job that expires performers
    has done. Asked as the performer, the worker or staff; nobody needs to read identity records for it.
    """
    asked = list(performer_ids)
    found: dict[UUID, list[Obstacle]] = {performer_id: [] for performer_id in asked}
    with connection.cursor() as cursor:
        cursor.execute(OBSTACLES, [asked, at])
        for performer_id, code in cursor.fetchall():
            found[UUID(str(performer_id))].append(Obstacle(code, ObstacleCode(code).label))
    return {performer_id: tuple(obstacles) for performer_id, obstacles in found.items()}


@transaction.atomic
def application_submit(
    *, performer_id: UUID, actor: User | None, expected_version: int | None = None
) -> PerformerProfile:
    """Hand an application in, or anew after a rejection or an expiry.

    The performer has declared her identity, with a valid document, and nobody has examined it yet. Locks: the profile.
    Raises: IllegalTransition, AdmissionRefused, NotThere, StaleVersion. Announces: `performer_submitted`.
    """
    profile = locked(PerformerProfile, performer_id, expected_version=expected_version)
    PerformerProfile.status_machine.check(profile.status, PerformerStatus.SUBMITTED)
    declaration = IdentityRecord.objects.unexamined().filter(performer_id=profile.pk).first()
    if declaration is None:
        raise AdmissionRefused(
            "Declare your identity and submit a document first; nothing waits to be examined."
        )
    now = database_now()
    if not declaration.documents.filter(expires_at__gt=now).exists():
        raise AdmissionRefused("The document that you submitted has expired. Declare with a valid one.")
    profile.status, profile.submitted_at = PerformerStatus.SUBMITTED, now
    with refused_as(AdmissionRefused):
        profile.save(update_fields=["status", "submitted_at"])
    return _told(performer_submitted, profile, actor, changed=("status", "submitted_at"))


@transaction.atomic
def performer_pause(*, performer_id: UUID, actor: User | None) -> PerformerProfile:
    """Stop performing for a while; the profile stays public. Staff restrict people instead (accounts).

    Locks: the profile. Raises: IllegalTransition, AdmissionRefused (another role), NotThere.
    Announces: `performer_paused`.
    """
    return _move(performer_id, PerformerStatus.PAUSED, performer_paused, actor)


@transaction.atomic
def performer_resume(*, performer_id: UUID, actor: User | None) -> PerformerProfile:
    """Perform again after a pause.

    Locks: the profile. Raises: IllegalTransition, AdmissionRefused (never paused), NotThere.
    Announces: `performer_resumed`.
    """
    profile = locked(PerformerProfile, performer_id)
    if profile.status == PerformerStatus.SUBMITTED:
        raise AdmissionRefused("An application is decided by compliance; there is no pause to end.")
    return _move(performer_id, PerformerStatus.VERIFIED, performer_resumed, actor)


@transaction.atomic
def performer_offboard(
    *, performer_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> PerformerProfile:
    """End an admission for good: by the performer herself, or by staff about somebody else.

    The stage name rests and is free afterwards; records stay as long as the law demands. Locks: the profile.
    Raises: IllegalTransition, AdmissionRefused, NotThere (one's own row as staff too), StaleVersion.
    Announces: `performer_offboarded`.
    """
    profile = locked(PerformerProfile, performer_id, expected_version=expected_version)
    PerformerProfile.status_machine.check(profile.status, PerformerStatus.OFFBOARDED)
    profile.status, profile.offboarded_at = PerformerStatus.OFFBOARDED, database_now()
    profile.renewal_submitted_at = None
    profile._change_reason = reason or None  # type: ignore[attr-defined]
    with refused_as(AdmissionRefused):
        profile.save(update_fields=["status", "offboarded_at", "renewal_submitted_at"])
    return _told(performer_offboarded, profile, actor, reason, changed=("status", "offboarded_at"))


@transaction.atomic
def performers_expire(*, batch: int = 500) -> int:
    """End the admission of performers whose documents have all expired, the longest expired first; returns how many.

    Whether somebody may go live does not wait for it: `admission_obstacles` looks at the clock. New documents that wait
    become an application. Rows that somebody else is changing are left for the next run. Run as the worker.
    Locks: the profiles, in the order of keys. Announces: `performer_expired`, and `performer_submitted`.
    """
    with connection.cursor() as cursor:
        cursor.execute(RUN_OUT, [batch])
        over = [row[0] for row in cursor.fetchall()]
    expirable = [PerformerStatus.VERIFIED, PerformerStatus.PAUSED]
    profiles = list(
        PerformerProfile.objects.filter(pk__in=over, status__in=expirable)
        .order_by("pk")
        .select_for_update(skip_locked=True)
    )
    for profile in profiles:
        renewed_at = profile.renewal_submitted_at
        profile.status, profile.renewal_submitted_at = PerformerStatus.EXPIRED, None
        profile.save(update_fields=["status", "renewal_submitted_at"])
        _told(performer_expired, profile, None, changed=("status",))
        if renewed_at is not None:
            profile.status, profile.submitted_at = PerformerStatus.SUBMITTED, renewed_at
            profile.save(update_fields=["status", "submitted_at"])
            _told(performer_submitted, profile, None, changed=("status", "submitted_at"))
    return len(profiles)


def refuse_own(profile: PerformerProfile, actor: User | None) -> None:
    """Raise OwnAdmission when a member of staff decides about themselves."""
    if actor is not None and actor.pk == profile.pk:
        raise OwnAdmission("Nobody decides about their own admission. Ask a colleague.")


def _move(
    performer_id: UUID, status: PerformerStatus, announcement: Announcement, actor: User | None
) -> PerformerProfile:
    profile = locked(PerformerProfile, performer_id)
    PerformerProfile.status_machine.check(profile.status, status)
    profile.status = status
    with refused_as(AdmissionRefused):
        profile.save(update_fields=["status"])
    return _told(announcement, profile, actor, changed=("status",))


def _told(
    announcement: Announcement,
    profile: PerformerProfile,
    actor: User | None,
    reason: str = "",
    changed: tuple[str, ...] = (),
) -> PerformerProfile:
    announcement.send(
        sender=PerformerProfile, actor=actor, subject=profile.user, reason=reason, changed=changed
    )
    return profile
