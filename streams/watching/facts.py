"""What decides, read in one query by a definer function: viewers may not read most of the rows themselves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from streams.choices import ArchiveStatus, StreamStatus, Visibility


@dataclass(frozen=True, kw_only=True)
class WatchFacts:
    """The columns of `streams_watch_facts`, in their order: a stream or an archive, and a viewer of it.

    Ages are completed years, 0 where nothing is demanded or known. `status` is that of the stream or the archive,
    `audiences` are kinds of access rule. `viewer_status` is null for somebody who is not signed in.
    """

    stream_id: UUID
    archive_id: UUID | None
    performer_id: UUID
    is_own: bool
    status: str
    visibility: str
    is_deleted: bool
    published_at: datetime | None
    performer_status: str
    viewer_status: str | None
    viewer_is_barred: bool
    is_blocked_here: bool
    country_is_refused: bool
    minimum_age: int
    viewer_age: int
    hidden_labels: list[str]
    blurred_labels: list[str]
    audiences: list[str]
    is_granted: bool
    viewer_id: UUID | None
    at: datetime

    @property
    def exists_for_viewer(self) -> bool:
        """Whether the viewer may know of it: what is private is known to those on its list alone."""
        if self.is_deleted or (self.archive_id is not None and self.status == ArchiveStatus.REMOVED):
            return False
        return self.visibility != Visibility.PRIVATE or self.is_granted or self.is_own

    @property
    def is_shown(self) -> bool:
        """Whether a stream is on air, or an archive published. Performers see theirs before and between."""
        if self.archive_id is None:
            shown = {StreamStatus.LIVE} | (
                {StreamStatus.STARTING, StreamStatus.INTERRUPTED} if self.is_own else set()
            )
            return self.status in shown
        if self.is_own:
            return self.status != ArchiveStatus.PROCESSING
        return (
            self.status == ArchiveStatus.APPROVED
            and self.published_at is not None
            and self.published_at <= self.at
        )


def read_facts(
    *,
    stream_id: UUID | None,
    archive_id: UUID | None,
    viewer_id: UUID | None,
    country: str | None,
    subdivision: str | None,
    at: datetime | None,
) -> WatchFacts | None:
    """One query. None where there is no such stream or archive at all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.*, %s::uuid, moment.at "
            "FROM (SELECT coalesce(%s::timestamptz, statement_timestamp()) AS at) moment, "
            "streams_watch_facts(%s::uuid, %s::uuid, %s::uuid, %s::text, %s::text, moment.at) f",
            [viewer_id, at, stream_id, archive_id, viewer_id, country, subdivision],
        )
        row = cursor.fetchone()
    return WatchFacts(**dict(zip(WatchFacts.__dataclass_fields__, row, strict=True))) if row else None
