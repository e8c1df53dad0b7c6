"""The calendar, in UTC: days and months as ranges of UUIDv7, and the plan that a model declares.

Knows nothing of ids, so that the models may import it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from dateutil.relativedelta import relativedelta

LEAST_AHEAD = 3
MOST_AT_ONCE = 1_000
LATEST = datetime(9999, 1, 1, tzinfo=UTC)


class Every(StrEnum):
    """How much time one partition holds."""

    DAY = "day"
    MONTH = "month"

    @property
    def step(self) -> relativedelta:
        """The length of one period, in calendar units."""
        return relativedelta(days=1) if self is Every.DAY else relativedelta(months=1)

    def floor(self, instant: datetime) -> datetime:
        """Return the start (UTC) of the day or month in which `instant` lies.

        Raises ValueError for a naive datetime.
        """
        if instant.tzinfo is None or instant.utcoffset() is None:
            raise ValueError(f"{instant!r} has no time zone; a period is of instants.")
        day = instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        return day if self is Every.DAY else day.replace(day=1)


@dataclass(frozen=True)
class Period:
    """One day or one month of UTC, half-open; `start` lies on the calendar's boundary."""

    every: Every
    start: datetime

    @classmethod
    def containing(cls, every: Every, instant: datetime) -> "Period":
        """Return the period in which `instant` lies."""
        return cls(every, every.floor(instant))

    @classmethod
    def of_suffix(cls, every: Every, suffix: str) -> "Period":
        """Return the period that `suffix` names. Raises ValueError for another text."""
        written = "p%Y_%m_%d" if every is Every.DAY else "p%Y_%m"
        return cls(every, datetime.strptime(suffix, written).replace(tzinfo=UTC))

    @property
    def end(self) -> datetime:
        """The start of the next period. Raises ValueError at the end of the year 9999."""
        return self.moved(1).start

    @property
    def suffix(self) -> str:
        """What the partition's name adds to the table's: `p2026_11`, or `p2026_11_22` for a day."""
        return f"{self.start:p%Y_%m_%d}" if self.every is Every.DAY else f"{self.start:p%Y_%m}"

    def moved(self, by: int) -> "Period":
        """Return the period so many periods later (earlier when negative).

        Raises ValueError when the calendar ends before that.
        """
        try:
            return Period(self.every, self.start + by * self.every.step)
        except (OverflowError, ValueError):
            raise ValueError(f"The calendar has no {self.every} {by} after {self.start:%Y-%m-%d}.") from None


def periods(every: Every, start: datetime, end: datetime) -> Iterator[Period]:
    """Yield the periods that together cover `[start, end)`, in order.

    Raises ValueError when the range is empty, or asks for more than a thousand periods: one date is then
    most likely wrong.
    """
    if end <= start:
        raise ValueError(f"The range ends ({end.isoformat()}) before it begins ({start.isoformat()}).")
    period = Period.containing(every, start)
    for _ in range(MOST_AT_ONCE):
        yield period
        if period.end >= end:
            return
        period = period.moved(1)
    raise ValueError(
        f"{start:%Y-%m-%d} to {end:%Y-%m-%d} is more than {MOST_AT_ONCE} partitions; is a date wrong?"
    )


@dataclass(frozen=True)
class PartitionPlan:
    """How a model is cut: the period, how many periods exist ahead of now, and how many behind.

    Raises ValueError when fewer than three periods ahead are asked for: an insert without a partition fails.
    """

    every: Every
    ahead: int = LEAST_AHEAD
    behind: int = 0

    def __post_init__(self) -> None:
        if self.ahead < LEAST_AHEAD:
            raise ValueError(f"At least {LEAST_AHEAD} periods ahead must exist, not {self.ahead}.")
        if self.behind < 0:
            raise ValueError("The number of periods behind cannot be negative.")

    def wanted(self, now: datetime) -> list[Period]:
        """Return the periods that maintenance makes sure of.

        One more than `ahead` is among them, so that the turn of a period, before the next run, leaves
        `ahead` and raises no alarm.
        """
        current = Period.containing(self.every, now)
        return [current.moved(by) for by in range(-self.behind, self.ahead + 2)]
