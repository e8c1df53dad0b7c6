"""The figures of a marathon's stream beside what the source counted."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

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
from billing.datasets.marathon_tips import totals_of
from core.db.context import acting
from core.db.roles import Role


@dataclass(frozen=True)
class Agreement:
    """How far viewers at the same time (by the minute) and messages (by the hour, to a message) are from the source.

    `tips` compares the tokens of each minute with its donations at full scale; None where none were brought in.
    """

    viewers: Comparison
    messages: Comparison
    tips: Comparison | None

    def __str__(self) -> str:
        tips = f"; donations: {self.tips}" if self.tips else ""
        return f"viewers: {self.viewers}; chat by the hour, to a message: {self.messages}{tips}"


def donations(path: Path, event: str) -> dict[datetime, int | None]:
    """Tokens that came to the total of each minute, in the time of the source; None where it was corrected.

    A minute without a total has none: what came in it stands with the next one.
    """
    totals = totals_of(path).get(event, [])
    found: dict[datetime, int | None] = {}
    for before, total in pairwise(totals):
        came = (total.tokens or 0) - (before.tokens or 0)
        found[total.at] = came if came >= 0 else None
    return found


def figures_compared(
    *, standing: Standing, path: Path, scale: Fraction, chat_scale: Fraction, since: date, until: date
) -> Agreement:
    """Compare the minutes of days (UTC) that the roll-ups wrote with those of the source. Changes nothing."""
    begins, ends = (datetime.combine(day, time(), UTC) for day in (since, until))
    with acting(Role.WORKER):
        rows = list(
            StreamMinute.objects.filter(
                stream=standing.stream, minute__gte=begins, minute__lt=ends
            ).values_list("minute", "concurrent", "chat_messages", "tip_tokens")
        )
    minutes = list(minutes_between(standing.curve, standing.moved, since, until))
    said: dict[datetime, int] = {}
    for minute, _, count, _ in rows:
        hour = minute.replace(minute=0)
        said[hour] = said.get(hour, 0) + count
    given = donations(path, standing.curve.event)
    tipped = {minute: tokens for minute, _, _, tokens in rows if tokens}
    return Agreement(
        viewers=compared(
            minutes,
            moved=standing.moved,
            scale=scale,
            seen={minute: concurrent for minute, concurrent, _, _ in rows},
            counted=viewers,
        ),
        messages=compared(
            by_the_hour(minutes), moved=standing.moved, scale=chat_scale, seen=said, counted=messages, slack=1
        ),
        tips=compared(
            minutes,
            moved=standing.moved,
            scale=Fraction(1),
            seen=tipped,
            counted=lambda minute: given.get(minute.at, 0),
        )
        if tipped
        else None,
    )
