"""Streams that were over before they came here."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from core.db.refusals import refused_as
from streams.announcements import stream_imported
from streams.choices import StreamEnd, StreamStatus, Visibility
from streams.errors import StreamRefused
from streams.models import Stream, StreamMetadataVersion
from streams.services.moves import stream_move


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a stream was called from an instant (UTC) on."""

    since: dt.datetime
    title: str
    description: str = ""
    category_id: UUID | None = None


@transaction.atomic
def stream_import(
    *,
    stream_id: UUID,
    performer_id: UUID,
    words: Sequence[Words],
    started_at: dt.datetime,
    ended_at: dt.datetime,
    language: str = "en",
    visibility: Visibility | str = Visibility.PUBLIC,
) -> Stream | None:
    """Take in a stream of the past with everything that it was called; None when it is there already.

    `words` are in order, the first from the beginning on; the last title is the stream's. It never goes on air, so the
    gate is not asked. Run as the worker. Raises: StreamRefused. Announces: `stream_imported`.
    """
    if Stream.all_objects.filter(pk=stream_id).exists():
        return None
    if not words or words[0].since > started_at:
        raise StreamRefused("Say what the stream was called from its beginning on.")
    last = words[-1]
    stream = Stream(
        id=stream_id,
        performer_id=performer_id,
        title=last.title,
        description=last.description,
        language=language,
        visibility=visibility,
    )
    with refused_as(StreamRefused):
        stream.save(force_insert=True)
        stream_move(
            stream,
            StreamStatus.ENDED,
            reason="Over before it was imported.",
            started_at=started_at,
            ended_at=ended_at,
            end_reason=StreamEnd.IMPORTED,
        )
        _remember(stream, words, started_at)
    stream_imported.send(sender=Stream, actor=None, subject=stream)
    return stream


def _remember(stream: Stream, words: Sequence[Words], started_at: dt.datetime) -> None:
    """Write the periods of the past, up to the version that the insertion opened."""
    opened = StreamMetadataVersion.objects.get(stream=stream).valid.lower
    bounds = [started_at, *(entry.since for entry in words[1:]), opened]
    StreamMetadataVersion.objects.bulk_create(
        StreamMetadataVersion(
            stream=stream,
            performer_id=stream.performer_id,
            title=entry.title,
            description=entry.description,
            language=stream.language,
            category_id=entry.category_id,
            valid=DateTimeTZRange(start, end, "[)"),
        )
        for entry, start, end in zip(words, bounds, bounds[1:], strict=False)
    )
