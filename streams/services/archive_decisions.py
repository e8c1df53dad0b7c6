"""What moderators decide about archives. Decisions of higher floors carry out their effect by these services."""

from uuid import UUID

from django.db import transaction

from accounts.errors import OwnAccount
from accounts.models import User
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.refusals import refused_as
from streams.announcements import archive_approved, archive_removed, archive_restored, archive_restricted
from streams.choices import ArchiveDecisionKind, ArchiveStatus
from streams.errors import ArchiveRefused
from streams.models import Archive, ArchiveDecision
from streams.models.archive import AFTER_REMOVAL
from streams.services.archives import living, purge_time, tell


@transaction.atomic
def archive_approve(
    *, archive_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> Archive:
    """Let an archive that waits, or was restricted, be published and seen.

    Locks: the archive. Raises: OwnAccount, IllegalTransition, ArchiveRefused (the archive was removed: restore it; no
    reason), NotThere, StaleVersion. Announces: `archive_approved`.
    """
    archive = _opened(archive_id, actor, expected_version)
    if archive.status == ArchiveStatus.REMOVED:
        raise ArchiveRefused("This archive was removed. Restore it, by a decision that reverses the removal.")
    return _decide(
        archive, ArchiveDecisionKind.APPROVE, ArchiveStatus.APPROVED, archive_approved, actor, reason
    )


@transaction.atomic
def archive_restrict(
    *, archive_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> Archive:
    """Take an approved archive from viewers until somebody approves it again; its time runs on.

    Locks: the archive. Raises: OwnAccount, IllegalTransition, ArchiveRefused (no reason), NotThere, StaleVersion.
    Announces: `archive_restricted`.
    """
    archive = _opened(archive_id, actor, expected_version)
    return _decide(
        archive, ArchiveDecisionKind.RESTRICT, ArchiveStatus.RESTRICTED, archive_restricted, actor, reason
    )


@transaction.atomic
def archive_remove(
    *, archive_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> Archive:
    """Remove an archive, whatever its state; its files stay for the time in which a complaint is possible.

    Locks: the archive. Raises: OwnAccount, IllegalTransition, ArchiveRefused (no reason), NotThere, StaleVersion.
    Announces: `archive_removed`.
    """
    archive = _opened(archive_id, actor, expected_version)
    Archive.status_machine.check(archive.status, ArchiveStatus.REMOVED)
    archive.purge_at = database_now() + AFTER_REMOVAL
    return _decide(archive, ArchiveDecisionKind.REMOVE, ArchiveStatus.REMOVED, archive_removed, actor, reason)


@transaction.atomic
def archive_restore(
    *, archive_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> Archive:
    """Undo the latest removal of an archive by a decision that reverses it; viewers see it as they did before.

    It is again what it was removed from: one that waited for a moderator waits again. An archive whose time ran out
    meanwhile gets it anew from now on. Locks: the archive. Raises: OwnAccount, IllegalTransition, ArchiveRefused (it
    was never removed by a decision, the removal was reversed before, no reason), NotThere, StaleVersion. Announces:
    `archive_restored`.
    """
    archive = _opened(archive_id, actor, expected_version)
    if archive.status != ArchiveStatus.REMOVED:
        raise ArchiveRefused("Only a removed archive is restored.")
    removal = archive.decisions.filter(kind=ArchiveDecisionKind.REMOVE).order_by("-pk").first()
    if removal is None:
        raise ArchiveRefused("There is no decision that removed this archive, so none can be reversed.")
    now = database_now()
    archive.purge_at = purge_time(archive)
    if archive.purge_at is not None and archive.published_at is not None and archive.purge_at <= now:
        archive.purge_at = now + (archive.purge_at - archive.published_at)
    return _decide(
        archive,
        ArchiveDecisionKind.RESTORE,
        _removed_from(archive),
        archive_restored,
        actor,
        reason,
        reverses=removal,
    )


def _removed_from(archive: Archive) -> ArchiveStatus:
    """The state from which an archive was removed last."""
    removals = archive.transitions.filter(to_status=ArchiveStatus.REMOVED).order_by("-pk")
    return ArchiveStatus(removals.values_list("from_status", flat=True).first() or ArchiveStatus.APPROVED)


def _opened(archive_id: UUID, actor: User | None, expected_version: int | None) -> Archive:
    if actor is not None and Archive.all_objects.filter(pk=archive_id, performer_id=actor.pk).exists():
        raise OwnAccount("Nobody decides about their own archives. Ask a colleague.")
    return living(archive_id, expected_version=expected_version)


def _decide(
    archive: Archive,
    kind: ArchiveDecisionKind,
    status: ArchiveStatus,
    announcement: Announcement,
    actor: User | None,
    reason: str,
    *,
    reverses: ArchiveDecision | None = None,
) -> Archive:
    """Write the decision, then make the move that it is about."""
    Archive.status_machine.check(archive.status, status)
    if not reason.strip():
        raise ArchiveRefused("A decision says why. Write a reason.")
    decision = ArchiveDecision(
        archive=archive,
        performer_id=archive.performer_id,
        kind=kind,
        reason=reason.strip(),
        decided_by=actor,
        decided_at=database_now(),
        reverses=reverses,
    )
    archive.status = status
    archive._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(ArchiveRefused):
        decision.save(force_insert=True)
        archive.save(update_fields=["status", "purge_at"])
    tell(announcement, archive, actor, reason=reason, changed=("status",))
    return archive
