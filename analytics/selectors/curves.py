"""The curve of a stream: viewers, chat and tips over time, from its minutes."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection

from analytics.models import StreamPerformance

MINUTE = dt.timedelta(minutes=1)
MOST_POINTS = 480
"""Points of a curve; a stream of more minutes is cut into equal stretches."""

CURVE = """
SELECT date_bin(%(width)s, minute, %(origin)s), max(concurrent), sum(chat_messages)::bigint, sum(tips)::bigint,
  sum(tip_tokens)::bigint
FROM analytics_streamminute
WHERE stream_id = %(stream)s AND minute >= %(origin)s AND minute < %(end)s
GROUP BY 1
ORDER BY 1
"""


@dataclass(frozen=True)
class Point:
    """A stretch of a stream: the most viewers of its minutes, and what was written and tipped within it."""

    at: dt.datetime
    viewers: int = 0
    chat_messages: int = 0
    tips: int = 0
    tip_tokens: int = 0


@dataclass(frozen=True)
class StreamCurve:
    """Every stretch of `width` from the beginning to the end, or to what is counted so far.

    `is_gone` when something was counted and its minutes are no longer kept.
    """

    width: dt.timedelta
    points: tuple[Point, ...]
    is_gone: bool = False


def stream_curve(performance: StreamPerformance) -> StreamCurve:
    """The curve of the stream with these figures: at most 480 points; one query."""
    origin = performance.started_at.replace(second=0, microsecond=0)
    counted = performance.ended_at or origin + MINUTE * performance.minutes_on_air
    minutes = -((origin - counted) // MINUTE)
    if minutes <= 0:
        return StreamCurve(MINUTE, ())
    width = MINUTE * -(-minutes // MOST_POINTS)
    count = -((origin - counted) // width)
    with connection.cursor() as cursor:
        bounds: dict[str, Any] = {"width": width, "origin": origin, "end": origin + width * count}
        cursor.execute(CURVE, {**bounds, "stream": performance.stream_id})
        known = {at: Point(at, *figures) for at, *figures in cursor.fetchall()}
    something = performance.viewer_minutes or performance.chat_messages or performance.tips
    if something and not known:
        return StreamCurve(width, (), is_gone=True)
    instants = (origin + width * place for place in range(count))
    return StreamCurve(width, tuple(known.get(at) or Point(at) for at in instants))


def performance_before(performance: StreamPerformance) -> StreamPerformance | None:
    """The figures of the performer's stream before this one; None where there is none."""
    earlier: StreamPerformance | None = (
        StreamPerformance.objects.filter(
            performer_id=performance.performer_id, started_at__lt=performance.started_at
        )
        .select_related("stream")
        .order_by("-started_at")
        .first()
    )
    return earlier
