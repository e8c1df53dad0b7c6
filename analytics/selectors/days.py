"""Ranges of days, and figures of one range beside those of the one before."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Self

from analytics.errors import RangeRefused

MOST_DAYS = 400
"""Days of one question: a year with its leap day, and a month."""

EARLIEST = dt.date(1970, 1, 1) + dt.timedelta(days=MOST_DAYS)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """Whole days in UTC, the first and the last included. Raises RangeRefused for none or for more than 400."""

    since: dt.date
    until: dt.date

    def __post_init__(self) -> None:
        if self.since > self.until:
            raise RangeRefused(f"The range ends ({self.until}) before it begins ({self.since}).")
        if self.count > MOST_DAYS:
            raise RangeRefused(
                f"That are {self.count:,} days. Ask for {MOST_DAYS} at most, and for longer times in parts."
            )
        if self.since < EARLIEST - MOST_DAYS * DAY:
            raise RangeRefused("There are no figures from before 1970.")

    @property
    def count(self) -> int:
        """How many days there are."""
        return (self.until - self.since).days + 1

    @property
    def previous(self) -> "Days":
        """As many days, directly before. Raises RangeRefused where the calendar of ids has none."""
        return Days(self.since - self.count * DAY, self.since - DAY)

    @property
    def start(self) -> dt.datetime:
        """The first instant (UTC)."""
        return dt.datetime.combine(self.since, dt.time(), dt.UTC)

    @property
    def end(self) -> dt.datetime:
        """The first instant after it (UTC): half-open."""
        return dt.datetime.combine(self.until + DAY, dt.time(), dt.UTC)

    def __iter__(self) -> Iterator[dt.date]:
        """Each day, in order."""
        return (self.since + step * DAY for step in range(self.count))


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What days add up to. Viewers are not among them: who came on two days would count twice.

    `viewer_days` is the sum of the viewers of each day, and `peak_viewers` the highest of all. Tokens are those spent,
    less those taken back within the range.
    """

    streams: int = 0
    minutes_on_air: int = 0
    viewer_days: int = 0
    peak_viewers: int = 0
    viewer_minutes: int = 0
    watch_seconds: int = 0
    sessions: int = 0
    stalled_seconds: int = 0
    errors: int = 0
    chat_messages: int = 0
    tips: int = 0
    tip_tokens: int = 0
    tokens: int = 0
    new_followers: int = 0
    lost_followers: int = 0

    @property
    def average_viewers(self) -> int:
        """Mean of the viewers per minute on air, rounded; 0 where nothing was on air."""
        return round(self.viewer_minutes / self.minutes_on_air) if self.minutes_on_air else 0

    @property
    def stalled_share(self) -> float:
        """Part of the time at the player in which it stood still, from 0 to 1."""
        whole = self.watch_seconds + self.stalled_seconds
        return self.stalled_seconds / whole if whole else 0.0

    def plus(self, other: "Totals") -> Self:
        """Both added up; of peaks the higher one."""
        added = {
            field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(Totals)
        }
        return type(self)(**{**added, "peak_viewers": max(self.peak_viewers, other.peak_viewers)})


@dataclass(frozen=True)
class Compared:
    """Figures of a range, and those of the days before."""

    now: Totals
    before: Totals

    def change(self, figure: str) -> float | None:
        """By which part a figure rose (0.5: by half) or fell (-0.5); None where there was none before."""
        now, before = getattr(self.now, figure), getattr(self.before, figure)
        return (now - before) / before if before else None
