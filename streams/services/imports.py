"""Streams that were over before they came here, and what remains of them; many at once."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from core.db.refusals import refused_as
from streams.announcements import archive_imported, stream_imported
from streams.choices import ArchiveStatus, RetentionClass, StreamEnd, StreamStatus, Visibility
from streams.errors import ArchiveRefused, StreamRefused
from streams.models import Archive, Stream, StreamCategory, StreamMetadataVersion
from streams.services.archives import tell
from streams.services.moves import because

BATCH = 500


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a stream was called from an instant (UTC) on."""

    since: dt.datetime
    title: str
    description: str = ""
    category_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class PastStream:
    """A stream that is over. `words` are in order, the first from the beginning on; the last title is the stream's."""

    id: UUID
    performer_id: UUID
    words: tuple[Words, ...]
    started_at: dt.datetime
    ended_at: dt.datetime
    language: str = "en"
    visibility: Visibility = Visibility.PUBLIC


@dataclass(frozen=True, kw_only=True)
class PastArchive:
    """What remains of a stream that was taken in, watched without a recording of ours.

    `published_at`: viewers find it from then on (UTC), since it was reviewed where it comes from; None: it waits for a
    moderator here.
    """

    id: UUID
    stream_id: UUID
    duration: dt.timedelta
    published_at: dt.datetime | None


@transaction.atomic
def streams_import(*, streams: Sequence[PastStream]) -> list[Stream]:
    """Take in streams of the past with everything that they were called; returns those that were not there before.

    They never go on air, so the gate is not asked. Runs as the worker. Raises: StreamRefused: nothing of the batch is
    written then. Announces: `stream_imported`.
    """
    wanted = {past.id: past for past in streams}
    present = set(Stream.all_objects.filter(pk__in=wanted).values_list("pk", flat=True))
    fresh = {key: past for key, past in wanted.items() if key not in present}
    for past in fresh.values():
        if not past.words or past.words[0].since > past.started_at:
            raise StreamRefused("Say what the stream was called from its beginning on.")
    with refused_as(StreamRefused):
        found = Stream.objects.bulk_create([_stream(past) for past in fresh.values()], batch_size=BATCH)
        for stream in found:
            stream.status, stream.end_reason = StreamStatus.ENDED, StreamEnd.IMPORTED
            stream.started_at, stream.ended_at = fresh[stream.pk].started_at, fresh[stream.pk].ended_at
        with because("Over before it was imported."):
            Stream.objects.bulk_update(
                found, ["status", "started_at", "ended_at", "end_reason"], batch_size=BATCH
            )
        _remember(fresh)
        Stream.history.bulk_history_create(found, batch_size=BATCH, default_change_reason="import")
    for stream in found:
        stream_imported.send(sender=Stream, actor=None, subject=stream)
    return found


def _stream(past: PastStream) -> Stream:
    last = past.words[-1]
    return Stream(
        id=past.id,
        performer_id=past.performer_id,
        title=last.title,
        description=last.description,
        language=past.language,
        visibility=past.visibility,
    )


def _remember(fresh: dict[UUID, PastStream]) -> None:
    """Write the periods of the past, up to the version that the insertion opened, and the last category."""
    opened = dict(
        StreamMetadataVersion.objects.filter(stream__in=fresh).values_list("stream_id", "valid__startswith")
    )
    StreamMetadataVersion.objects.bulk_create(
        [
            StreamMetadataVersion(
                stream_id=past.id,
                performer_id=past.performer_id,
                title=words.title,
                description=words.description,
                language=past.language,
                category_id=words.category_id,
                valid=DateTimeTZRange(start, end, "[)"),
            )
            for past in fresh.values()
            for words, (start, end) in zip(past.words, pairwise(_bounds(past, opened[past.id])), strict=True)
        ],
        batch_size=BATCH,
    )
    StreamCategory.objects.bulk_create(
        [
            StreamCategory(
                stream_id=past.id,
                performer_id=past.performer_id,
                category_id=past.words[-1].category_id,
                is_primary=True,
            )
            for past in fresh.values()
            if past.words[-1].category_id
        ],
        batch_size=BATCH,
    )


def _bounds(past: PastStream, opened: dt.datetime) -> list[dt.datetime]:
    return [past.started_at, *(words.since for words in past.words[1:]), opened]


@transaction.atomic
def archives_import(*, archives: Sequence[PastArchive]) -> list[Archive]:
    """Take in what remains of streams that were imported before; returns those that were not there.

    They carry the words of their stream, and stay until their performer deletes them. Runs as the worker.
    Raises: ArchiveRefused: nothing of the batch is written then. Announces: `archive_imported`.
    """
    wanted = {past.id: past for past in archives}
    present = set(Archive.all_objects.filter(pk__in=wanted).values_list("pk", flat=True))
    fresh = {key: past for key, past in wanted.items() if key not in present}
    streams = Stream.all_objects.in_bulk({past.stream_id for past in fresh.values()})
    missing = sorted({str(past.stream_id) for past in fresh.values()} - {str(key) for key in streams})
    if missing:
        raise ArchiveRefused(f"There is no stream {missing[0]}. Import the stream first.")
    with refused_as(ArchiveRefused):
        found = Archive.objects.bulk_create(
            [_archive(past, streams[past.stream_id]) for past in fresh.values()], batch_size=BATCH
        )
        _review(found, fresh)
        ended = Stream.objects.filter(pk__in=streams, status=StreamStatus.ENDED)
        with because("An archive was imported with it."):
            ended.update(status=StreamStatus.ARCHIVED)
    for archive in found:
        tell(archive_imported, archive, None)
    return found


def _archive(past: PastArchive, stream: Stream) -> Archive:
    return Archive(
        id=past.id,
        performer_id=stream.performer_id,
        stream=stream,
        title=stream.title,
        description=stream.description,
        visibility=stream.visibility,
        duration_seconds=past.duration // dt.timedelta(seconds=1),
        retention_class=RetentionClass.KEPT,
    )


def _review(found: list[Archive], fresh: dict[UUID, PastArchive]) -> None:
    """Let all of them wait for a moderator, then approve those that were reviewed elsewhere, and write histories."""
    Archive.objects.filter(pk__in=fresh).update(status=ArchiveStatus.PENDING)
    reviewed = [archive for archive in found if fresh[archive.pk].published_at]
    for archive in found:
        archive.status = ArchiveStatus.PENDING
    for archive in reviewed:
        archive.status, archive.published_at = ArchiveStatus.APPROVED, fresh[archive.pk].published_at
    Archive.objects.bulk_update(reviewed, ["status", "published_at"], batch_size=BATCH)
    Archive.history.bulk_history_create(found, batch_size=BATCH, default_change_reason="import")
