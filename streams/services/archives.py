"""Archives: made of recordings, described and published by performers, deleted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.errors import NotPermitted
from streams.announcements import archive_changed, archive_created, archive_deleted, archive_published
from streams.choices import ArchiveStatus, RetentionClass, StreamStatus
from streams.errors import ArchiveRefused
from streams.models import Archive, ArchiveChapter, Rendition, Stream
from streams.models.archive import AFTER_DELETION, PERIODS
from streams.models.recording import DONE
from streams.services.recordings import recording_known

Chapter = tuple[int, str]
"""Where a chapter begins, in seconds from the beginning, and its title."""


def living(archive_id: UUID, *, expected_version: int | None = None) -> Archive:
    """Lock an archive that was not deleted. Raises: NotThere, StaleVersion."""
    archive = locked(Archive, archive_id, expected_version=expected_version)
    if archive.deleted_at is not None:
        raise NotThere("This archive was deleted.")
    return archive


def tell(announcement: Announcement, archive: Archive, actor: User | None, **named: Any) -> None:
    """Announce something about an archive without its title, which is the performer's and would stay in the trail."""
    nameless = Archive(pk=archive.pk, performer_id=archive.performer_id, stream_id=archive.stream_id)
    announcement.send(sender=Archive, actor=actor, subject=nameless, **named)


def refuse_foreign(archive: Archive, actor: User | None) -> None:
    """Only the performer herself, or a job (None). Raises: NotPermitted."""
    if actor is not None and actor.pk != archive.performer_id:
        raise NotPermitted("Only the performer changes this archive.")


def purge_time(archive: Archive) -> datetime | None:
    """When an archive that is neither deleted nor removed is purged (UTC); None: not by itself."""
    period = PERIODS[archive.retention_class]
    return archive.published_at + period if archive.published_at and period else None


@transaction.atomic
def archive_create(
    *,
    recording_id: UUID,
    actor: User | None,
    title: str | None = None,
    retention_class: RetentionClass | str = RetentionClass.STANDARD,
    duration_seconds: int | None = None,
) -> Archive:
    """Make an archive of a complete recording that has a rendition; it waits for a moderator.

    The title is that of the stream, the tallest rendition plays first, the length is that of the recording in whole
    seconds unless given. Runs as the worker. Locks: the stream. Raises: RecordingRefused (no such
    recording), ArchiveRefused (not complete, no rendition, there is one already, no length).
    Announces: `archive_created`.
    """
    recording = recording_known(recording_id)
    if recording.status not in DONE:
        raise ArchiveRefused(
            f"This recording is {recording.get_status_display().lower()}. An archive is made of a complete one."
        )
    tallest = Rendition.objects.filter(recording=recording).order_by("-height", "pk").first()
    if tallest is None:
        raise ArchiveRefused("This recording has no rendition yet. Add one first.")
    if duration_seconds is None and recording.started_at and recording.ended_at:
        duration_seconds = (recording.ended_at - recording.started_at) // timedelta(seconds=1)
    if duration_seconds is None:
        raise ArchiveRefused("Nobody said how long this recording is. Give its length in seconds.")
    stream = locked(Stream, recording.stream_id)
    archive = Archive(
        performer_id=recording.performer_id,
        stream=stream,
        recording=recording,
        title=stream.title if title is None else title,
        description=stream.description,
        visibility=stream.visibility,
        default_rendition=tallest,
        duration_seconds=duration_seconds,
        retention_class=retention_class,
    )
    with refused_as(ArchiveRefused):
        archive.save(force_insert=True)
        archive.status = ArchiveStatus.PENDING
        archive.save(update_fields=["status"])
        if stream.status == StreamStatus.ENDED:
            stream.status = StreamStatus.ARCHIVED
            stream.save(update_fields=["status"])
    tell(archive_created, archive, actor)
    return archive


CHANGEABLE = frozenset(
    {
        "title",
        "description",
        "visibility",
        "poster_key",
        "default_rendition_id",
        "preview_seconds",
        "download_allowed",
        "embed_allowed",
        "link_lifetime_seconds",
    }
)
"""What performers may set of an archive."""


@transaction.atomic
def archive_change(
    *, archive_id: UUID, actor: User | None, expected_version: int | None = None, **values: Any
) -> Archive:
    """Describe an archive, or set how it plays: any of `CHANGEABLE`.

    Locks: the archive. Raises: ArchiveRefused (a rule of a column), NotPermitted, NotThere, StaleVersion; TypeError
    for a column that is not to be set. Announces: `archive_changed`.
    """
    if unknown := values.keys() - CHANGEABLE:
        raise TypeError(f"archive_change sets no {', '.join(sorted(unknown))}.")
    archive = living(archive_id, expected_version=expected_version)
    refuse_foreign(archive, actor)
    for name, value in values.items():
        setattr(archive, name, value)
    with refused_as(ArchiveRefused):
        archive.save(update_fields=sorted(name.removesuffix("_id") for name in values))
    tell(archive_changed, archive, actor, changed=tuple(sorted(values)))
    return archive


@transaction.atomic
def archive_publish(
    *,
    archive_id: UUID,
    actor: User | None,
    at: datetime | None = None,
    retention_class: RetentionClass | str | None = None,
    expected_version: int | None = None,
) -> Archive:
    """Let viewers find an approved archive, now or from `at` on (UTC); its time runs from there by the retention class.

    Locks: the archive. Raises: ArchiveRefused (not approved, a time in the past, no such class), NotPermitted,
    NotThere, StaleVersion. Announces: `archive_published`.
    """
    archive = living(archive_id, expected_version=expected_version)
    refuse_foreign(archive, actor)
    if archive.status != ArchiveStatus.APPROVED:
        raise ArchiveRefused(
            f"This archive is: {archive.get_status_display().lower()}. Only an approved one is published."
        )
    now = database_now()
    if at is not None and at < now - timedelta(minutes=1):
        raise ArchiveRefused("An archive is published now or later. Leave the time empty for now.")
    archive.published_at = at or now
    if retention_class is not None:
        if retention_class not in PERIODS:
            raise ArchiveRefused(f"There is no retention class {str(retention_class)[:40]!r}.")
        archive.retention_class = RetentionClass(retention_class)
    archive.purge_at = purge_time(archive)
    with refused_as(ArchiveRefused):
        archive.save(update_fields=["published_at", "retention_class", "purge_at"])
    tell(archive_published, archive, actor, changed=("published_at", "retention_class", "purge_at"))
    return archive


@transaction.atomic
def chapters_set(
    *, archive_id: UUID, chapters: Sequence[Chapter], actor: User | None
) -> list[ArchiveChapter]:
    """Give an archive these chapters instead of those it has.

    Locks: the archive. Raises: ArchiveRefused (one begins beyond the end or before the beginning, two begin at the same
    second, a title that is no text), NotPermitted, NotThere. Announces: `archive_changed`.
    """
    archive = living(archive_id)
    refuse_foreign(archive, actor)
    rows = [
        ArchiveChapter(
            archive=archive, performer_id=archive.performer_id, starts_at_seconds=start, title=title
        )
        for start, title in sorted(chapters)
    ]
    with refused_as(ArchiveRefused):
        archive.archivechapters.all().delete()
        ArchiveChapter.objects.bulk_create(rows)
    tell(archive_changed, archive, actor, changed=("chapters",), detail={"chapters": len(rows)})
    return rows


@transaction.atomic
def archive_delete(
    *, archive_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> Archive:
    """Take an archive out of everybody's sight at once; its files go 30 days later, unless a hold keeps them.

    Locks: the archive. Raises: NotPermitted, NotThere (deleted before), StaleVersion. Announces: `archive_deleted`.
    """
    archive = living(archive_id, expected_version=expected_version)
    refuse_foreign(archive, actor)
    archive.deleted_at = database_now()
    due = archive.deleted_at + AFTER_DELETION
    # A removal keeps the files longer, for a complaint.
    removed = archive.status == ArchiveStatus.REMOVED and archive.purge_at is not None
    archive.purge_at = max(due, archive.purge_at) if removed else due
    archive.save(update_fields=["deleted_at", "purge_at"])
    tell(archive_deleted, archive, actor, reason=reason, changed=("deleted_at", "purge_at"))
    return archive
