"""The figures of a marathon's stream beside what the source counted."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from fractions import Fraction

from analytics.datasets.marathons.comparison import (
    Comparison,
    by_the_hour,
    compared,
    messages,
    minutes_between,
    viewers,
)
from analytics.datasets.marathons.standing import Standing
from analytics.models import StreamMinute
from core.db.context import acting
from core.db.roles import Role


@dataclass(frozen=True)
class Agreement:
    """How far viewers at the same time (by the minute) and messages (by the hour, to a message) are from the source."""

    viewers: Comparison
    messages: Comparison

    def __str__(self) -> str:
        return f"viewers: {self.viewers}; chat by the hour, to a message: {self.messages}"


def figures_compared(
    *, standing: Standing, scale: Fraction, chat_scale: Fraction, since: date, until: date
) -> Agreement:
    """Compare the minutes of days (UTC) that the roll-ups wrote with those of the source. Changes nothing."""
    begins, ends = (datetime.combine(day, time(), UTC) for day in (since, until))
    with acting(Role.WORKER):
        rows = list(
            StreamMinute.objects.filter(
                stream=standing.stream, minute__gte=begins, minute__lt=ends
            ).values_list("minute", "concurrent", "chat_messages")
        )
    minutes = list(minutes_between(standing.curve, standing.moved, since, until))
    said: dict[datetime, int] = {}
    for minute, _, count in rows:
        hour = minute.replace(minute=0)
        said[hour] = said.get(hour, 0) + count
    return Agreement(
        viewers=compared(
            minutes,
            moved=standing.moved,
            scale=scale,
            seen={minute: concurrent for minute, concurrent, _ in rows},
            counted=viewers,
        ),
        messages=compared(
            by_the_hour(minutes), moved=standing.moved, scale=chat_scale, seen=said, counted=messages, slack=1
        ),
    )
