"""What a take-down does to content, and how it is undone: the only place where notices touch archives and streams."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from audit.models import TakedownTarget
from audit.takedown_choices import TargetEffect, TargetKind
from core.db.locking import locked
from streams.choices import ArchiveDecisionKind, ArchiveStatus
from streams.models import Archive, ArchiveDecision, Stream
from streams.models.stream import ON_AIR
from streams.services.archive_decisions import archive_remove, archive_restore
from streams.services.broadcasts import stream_end

DISABLED = ("disabled_at", "effect", "decision", "status_before")


@dataclass(frozen=True)
class Disabled:
    """What was done, the removal under which it is out of sight (None: none), and the status to lead back to."""

    effect: TargetEffect
    decision_id: UUID | None = None
    status_before: str | None = None


def target_disable(*, target: TakedownTarget, at: datetime, actor: User | None, reason: str) -> None:
    """Take one target from viewers and write down how. Locks: its archive or stream; the caller holds the target.

    Raises: OwnAccount, IllegalTransition, ArchiveRefused, StreamRefused. Announces: what removing or ending does.
    """
    if target.subject_kind == TargetKind.ARCHIVE:
        done = _archive_disable(target.subject_id, actor, reason)
    else:
        done = _stream_disable(target.subject_id, actor, reason)
    target.disabled_at, target.effect = at, done.effect
    target.decision_id, target.status_before = done.decision_id, done.status_before
    target.save(update_fields=[*DISABLED])


def target_restore(*, target: TakedownTarget, at: datetime, actor: User | None, reason: str) -> bool:
    """Undo what the notice did to one target; returns whether content came back.

    An archive comes back only if it was a notice that removed it, nobody removed it anew since, and no other notice
    keeps it out of sight. It comes back as it was: one that nobody had approved waits for a moderator. A stream that
    was ended stays ended. Locks: the archive; the caller holds the target. Raises: OwnAccount, ArchiveRefused.
    """
    back = target.subject_kind == TargetKind.ARCHIVE and _archive_restore(target, actor, reason)
    target.restored_at = at
    target.save(update_fields=["restored_at"])
    return back


def _last_removal(archive: Archive) -> ArchiveDecision | None:
    removals = ArchiveDecision.objects.filter(archive=archive, kind=ArchiveDecisionKind.REMOVE)
    return removals.order_by("-pk").first()


def _archive_disable(archive_id: UUID, actor: User | None, reason: str) -> Disabled:
    archive = locked(Archive, archive_id)
    if archive.deleted_at is not None:
        return Disabled(TargetEffect.UNAVAILABLE)
    if archive.status == ArchiveStatus.REMOVED:
        removal = _last_removal(archive)
        return Disabled(TargetEffect.UNAVAILABLE, removal.pk if removal else None)
    before = archive.status
    archive_remove(archive_id=archive_id, actor=actor, reason=reason)
    removal = _last_removal(archive)
    return Disabled(TargetEffect.REMOVED, removal.pk if removal else None, before)


def _stream_disable(stream_id: UUID, actor: User | None, reason: str) -> Disabled:
    stream = locked(Stream, stream_id)
    if stream.status not in ON_AIR:
        return Disabled(TargetEffect.UNAVAILABLE)
    stream_end(stream_id=stream_id, actor=actor, reason=reason)
    return Disabled(TargetEffect.ENDED)


def _archive_restore(target: TakedownTarget, actor: User | None, reason: str) -> bool:
    archive = locked(Archive, target.subject_id)
    if archive.deleted_at is not None or archive.status != ArchiveStatus.REMOVED:
        return False
    removal = _last_removal(archive)
    if removal is None or removal.pk != target.decision_id:
        return False
    under = TakedownTarget.objects.filter(decision=removal)
    remover = under.filter(effect=TargetEffect.REMOVED).first()
    if remover is None or under.filter(restored_at__isnull=True).exclude(pk=target.pk).exists():
        return False
    archive_restore(archive_id=archive.pk, actor=actor, reason=reason)
    return True
