"""Reads of streams on air that cross aggregates."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from core.db.locking import NotThere
from core.models.identity import uuid7_floor
from streams.models import IngestKey, Stream, ViewerCountSample
from streams.services.ingest_keys import key_digest

MOST_POINTS = 500
RECENT = dt.timedelta(minutes=5)
MINUTE = dt.timedelta(minutes=1)

CURVE = """
SELECT date_bin(%(width)s, uuid_extract_timestamp(id), %(origin)s), max(viewers)
FROM streams_viewercountsample
WHERE stream_id = %(stream)s AND id >= %(first)s AND id < %(beyond)s
GROUP BY 1
ORDER BY 1
"""


def stream_of(stream_id: UUID) -> Stream:
    """The living stream. Raises NotThere."""
    stream: Stream | None = Stream.objects.filter(pk=stream_id).first()
    if stream is None:
        raise NotThere("There is no such stream, or your role may not see it.")
    return stream


def ingest_key_owner(secret: str) -> UUID | None:
    """Whose encoder signs in with this key; None when it is unknown or revoked. For the worker."""
    active = IngestKey.objects.active().filter(digest=key_digest(secret))
    return active.values_list("performer_id", flat=True).first()


def with_viewers_now(streams: QuerySet, now: dt.datetime) -> QuerySet:
    """Add `viewers_now`: the latest count of the last five minutes before `now`; None when nobody counted."""
    recent = ViewerCountSample.objects.filter(stream_id=OuterRef("pk"), id__gte=uuid7_floor(now - RECENT))
    return streams.annotate(viewers_now=Subquery(recent.order_by("-id").values("viewers")[:1]))


@dataclass(frozen=True)
class Curve:
    """Viewers over time: a point for each `width`, None where nothing was measured."""

    width: dt.timedelta
    points: tuple[tuple[dt.datetime, int | None], ...]

    @property
    def peak(self) -> int:
        """The most viewers at the same time."""
        return max((viewers for _, viewers in self.points if viewers is not None), default=0)

    def runs(self) -> Iterator[tuple[dt.datetime, dt.datetime, int, int]]:
        """Stretches without a gap: from, until (half-open), least and most viewers of their points."""
        run: list[tuple[dt.datetime, int]] = []
        for at, viewers in (*self.points, (None, None)):
            if at is not None and viewers is not None:
                run.append((at, viewers))
            elif run:
                counts = [count for _, count in run]
                yield run[0][0], run[-1][0] + self.width, min(counts), max(counts)
                run = []


def viewer_curve(*, stream: Stream, until: dt.datetime) -> Curve:
    """How many watched, from the beginning to the end or `until`: at most 500 points, a maximum each.

    A long stream is cut into equal stretches of whole minutes by the database; one query.
    """
    start = stream.started_at
    end = stream.ended_at or until
    if start is None or end <= start:
        return Curve(MINUTE, ())
    origin = start.replace(second=0, microsecond=0)
    minutes = -((origin - end) // MINUTE)
    width = MINUTE * -(-minutes // MOST_POINTS)
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {
            "width": width,
            "origin": origin,
            "stream": stream.pk,
            "first": uuid7_floor(origin),
            "beyond": uuid7_floor(end + MINUTE),
        }
        cursor.execute(CURVE, parameters)
        measured = dict(cursor.fetchall())
    count = -((origin - end) // width)
    points = tuple((origin + width * step, measured.get(origin + width * step)) for step in range(count))
    return Curve(width, points)
