"""Figures by day as pages show them: stretches of days, a value for each, sums, and thirteen months."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from analytics.selectors.days import DAY, Days
from core.db.clock import database_now

MOST_MONTHS = 13

Column = str | Callable[[Any], int | float]
"""A column of the figures of a day, or what is made of several."""


class ReadsDays(Protocol):
    """A selector of figures by day: those of the platform, or of one performer."""

    def __call__(self, *, days: Days) -> Mapping[dt.date, Any]: ...


def _of(row: Any, column: Column) -> Any:
    return column(row) if callable(column) else getattr(row, column)


@dataclass(frozen=True)
class Stretch:
    """Figures of the days of a stretch; a day without a row came to nothing, one that has not begun has none."""

    rows: Mapping[dt.date, Any]
    days: tuple[dt.date, ...]
    today: dt.date

    @property
    def known(self) -> list[Any]:
        """The rows within the stretch."""
        return [self.rows[day] for day in self.days if day in self.rows]

    def values(self, column: Column) -> list[Any]:
        """The value of every day; where no day has a row there are none at all."""
        if not self.known:
            return [None] * len(self.days)
        return [
            _of(self.rows[day], column) if day in self.rows else 0 if day <= self.today else None
            for day in self.days
        ]

    def levels(self, column: Column) -> list[Any]:
        """The value of every day of a column that stands until it changes; None before the first row."""
        last = None
        levels = []
        for day in self.days:
            last = _of(self.rows[day], column) if day in self.rows else last
            levels.append(last if day <= self.today else None)
        return levels

    def total(self, column: Column) -> Any:
        """The sum over the days; None where no day has a row."""
        return sum(_of(row, column) for row in self.known) if self.known else None

    def most(self, column: Column) -> Any:
        """The greatest value; None where no day has a row."""
        return max((_of(row, column) for row in self.known), default=None)

    def last(self, column: Column) -> Any:
        """The value of the last day with a row; None where there is none."""
        return _of(self.known[-1], column) if self.known else None

    def part(self, column: Column, *whole: Column) -> float | None:
        """The sum of one column by that of others; None where there is nothing to divide."""
        below = sum(self.total(other) or 0 for other in whole)
        return self.total(column) / below if below else None


def first_of_months(until: dt.date) -> list[dt.date]:
    """The first days of the thirteen months of which the last holds `until`, in order."""
    number = until.year * 12 + until.month - 1
    numbers = range(number - MOST_MONTHS + 1, number + 1)
    return [dt.date(month // 12, month % 12 + 1, 1) for month in numbers]


@dataclass(frozen=True)
class DayFigures:
    """Every row that a page needs, read at once."""

    rows: Mapping[dt.date, Any]
    today: dt.date

    def between(self, since: dt.date, until: dt.date) -> Stretch:
        """The days from `since` until `until`, both included."""
        days = tuple(since + DAY * step for step in range((until - since).days + 1))
        return Stretch(self.rows, days, self.today)

    def months(self, until: dt.date) -> Iterator[tuple[dt.date, Stretch]]:
        """The first day of each of thirteen months, and its days; the last one as far as `until`."""
        firsts = first_of_months(until)
        ends = [first - DAY for first in firsts[1:]] + [until]
        for first, end in zip(firsts, ends, strict=True):
            yield first, self.between(first, end)


def day_figures(read: ReadsDays, shown: Days, before: Days | None) -> DayFigures:
    """What the days shown, those before and thirteen months need: one query, or one for each that begins earlier."""
    months = Days(first_of_months(shown.until)[0], shown.until)
    rows = dict(read(days=months))
    for stretch in (shown, before):
        if stretch is not None and stretch.since < months.since:
            rows |= read(days=stretch)
    return DayFigures(rows, database_now().astimezone(dt.UTC).date())
