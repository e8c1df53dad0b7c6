"""Figures of streams: the curve of one, what it came to, and the most watched of a range."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from analytics.models import StreamPerformance
from analytics.selectors.days import Days
from analytics.selectors.listing import listing_check
from core.db.locking import NotThere

MOST_POINTS = 1_440
"""Points of a curve: a day by the minute."""

ORDERS = ("watch_seconds", "unique_viewers", "peak_viewers", "tokens_spent", "chat_messages", "new_followers")
"""By what streams are listed, the most first."""

CURVE = """
SELECT g.at, coalesce(max(m.concurrent), 0), coalesce(sum(m.joins), 0)::bigint, coalesce(sum(m.leaves), 0)::bigint,
  coalesce(sum(m.chat_messages), 0)::bigint, coalesce(sum(m.tips), 0)::bigint, coalesce(sum(m.tip_tokens), 0)::bigint
FROM generate_series(%(first)s::timestamptz, %(beyond)s::timestamptz - interval '1 microsecond', %(width)s) AS g (at)
LEFT JOIN (
  SELECT date_bin(%(width)s, t.minute, %(first)s) AS at, t.*
  FROM analytics_streamminute t
  WHERE t.stream_id = %(stream)s AND t.minute >= %(first)s AND t.minute < %(beyond)s
) m ON m.at = g.at
GROUP BY g.at ORDER BY g.at
"""
MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Point:
    """A minute of a stream, or several in a row: most viewers at the same time, and how much of everything else."""

    at: dt.datetime
    concurrent: int
    joins: int
    leaves: int
    chat_messages: int
    tips: int
    tip_tokens: int


@dataclass(frozen=True)
class StreamCurve:
    """A stream minute by minute; `width` says how many minutes each point stands for."""

    stream_id: UUID
    width: dt.timedelta
    points: tuple[Point, ...]

    @property
    def peak(self) -> int:
        """Most viewers at the same time."""
        return max((point.concurrent for point in self.points), default=0)


def stream_performance(*, stream_id: UUID) -> StreamPerformance:
    """What a stream came to. One query. Raises: NotThere (never on air, not computed yet, not shown to this role)."""
    row = StreamPerformance.objects.filter(stream_id=stream_id).select_related("stream", "performer").first()
    if row is None:
        raise NotThere(
            "There are no figures of this stream: it was not on air, or they are not computed yet."
        )
    return row


def stream_curve(
    *, performance: StreamPerformance, days: Days | None = None, most: int = MOST_POINTS
) -> StreamCurve:
    """A stream from beginning to end, or within days of it: at most `most` points. One query.

    Minutes without a row are zero. Longer streams are cut into stretches of as many whole minutes as it takes, with
    the most viewers of any of them and the sums of the rest.
    """
    first, beyond = performance.started_at, performance.ended_at
    if beyond is None:
        beyond = performance.started_at + performance.minutes_on_air * MINUTE
    if days is not None:
        first, beyond = max(first, days.start), min(beyond, days.end)
    first = first.replace(second=0, microsecond=0)
    if beyond <= first:
        return StreamCurve(performance.stream_id, MINUTE, ())
    minutes = -((first - beyond) // MINUTE)
    width = -(-minutes // most) * MINUTE
    asked: dict[str, Any] = {
        "stream": performance.stream_id,
        "first": first,
        "beyond": beyond,
        "width": width,
    }
    with connection.cursor() as cursor:
        cursor.execute(CURVE, asked)
        points = tuple(Point(*row) for row in cursor.fetchall())
    return StreamCurve(performance.stream_id, width, points)


def performance_before(*, performance: StreamPerformance) -> StreamPerformance | None:
    """The figures of the performer's stream before this one; None where there is none. One query."""
    earlier = StreamPerformance.objects.filter(
        performer_id=performance.performer_id, started_at__lt=performance.started_at
    )
    return earlier.select_related("stream").order_by("-started_at").first()  # type: ignore[no-any-return]


def streams_listed(
    *,
    days: Days,
    performer_id: UUID | None = None,
    by: str = "watch_seconds",
    limit: int = 20,
) -> Sequence[StreamPerformance]:
    """Streams that began in the range, of one performer or of all, the most watched (or `by`) first. One query.

    Raises ValueError for an order that is not one of `ORDERS`, and a limit that is not from 1 to 100.
    """
    listing_check("streams", by=by, orders=ORDERS, limit=limit)
    rows = StreamPerformance.objects.filter(started_at__gte=days.start, started_at__lt=days.end)
    if performer_id is not None:
        rows = rows.filter(performer_id=performer_id)
    return list(rows.select_related("stream", "performer").order_by(f"-{by}", "-stream_id")[:limit])
