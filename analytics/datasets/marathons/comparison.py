"""How far figures are from what the source counted: viewers, messages and tips, minute by minute."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from analytics.datasets.marathons.curves import CountedMinute, Curve


@dataclass(frozen=True)
class Comparison:
    """Figures of minutes beside those of the source, at a scale.

    `worst` is the minute that is furthest off, as a share of what it should be; minutes that should have less than half
    of one are right with none. `unseen` counts minutes of which the source says nothing and the figures something.
    """

    minutes: int
    expected: Fraction
    found: int
    worst: Fraction
    worst_at: datetime | None
    unseen: int

    @property
    def off(self) -> Fraction:
        """How far the sums are apart, as a share of what they should be."""
        return abs(self.found - self.expected) / self.expected if self.expected else Fraction(self.found)

    def __str__(self) -> str:
        at = f" (at {self.worst_at:%Y-%m-%d %H:%M})" if self.worst_at else ""
        return (
            f"{self.minutes:,} compared, largest deviation {float(self.worst):.2%}{at}, "
            f"altogether {float(self.off):.3%}"
        )


def minutes_between(curve: Curve, moved: timedelta, since: date, until: date) -> Iterator[CountedMinute]:
    """The minutes of the curve that lie within days (UTC) after the move, in the time of the source."""
    for minute in curve.minutes:
        if since <= (minute.at + moved).date() < until:
            yield minute


def compared(
    minutes: Iterable[CountedMinute],
    *,
    moved: timedelta,
    scale: Fraction,
    seen: Mapping[datetime, int],
    counted: Callable[[CountedMinute], int | None],
    slack: int = 0,
) -> Comparison:
    """Compare the figures `seen` (by the moved minute) with what is `counted` in the source, times the scale.

    Figures that are not further off than `slack` are right: of few, one is a large share.
    """
    number = unseen = found = 0
    expected, worst, worst_at = Fraction(0), Fraction(0), None
    for minute in minutes:
        at, real = minute.at + moved, counted(minute)
        here = seen.get(at, 0)
        if real is None:
            unseen += here > 0
            continue
        number += 1
        wanted = real * scale
        expected += wanted
        found += here
        if abs(here - wanted) <= slack:
            continue
        share = abs(here - wanted) / wanted if wanted >= Fraction(1, 2) else Fraction(here)
        if share > worst:
            worst, worst_at = share, at
    return Comparison(number, expected, found, worst, worst_at, unseen)


def viewers(minute: CountedMinute) -> int | None:
    """Viewers of a minute; None where nobody counted."""
    return minute.viewers


def messages(minute: CountedMinute) -> int:
    """Messages of a minute."""
    return minute.messages


def by_the_hour(minutes: Iterable[CountedMinute]) -> list[CountedMinute]:
    """The messages of each hour, as that of its beginning: at a scale, a minute has too few of them to compare."""
    hours: dict[datetime, int] = {}
    for minute in minutes:
        hour = minute.at.replace(minute=0)
        hours[hour] = hours.get(hour, 0) + minute.messages
    return [CountedMinute(hour, None, count) for hour, count in sorted(hours.items())]
