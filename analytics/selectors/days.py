"""Figures by day, for a range and the one before it, and the months in which it ends."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Max, Sum

from analytics.models import CategoryDay, PerformerDay, PlatformDay, StreamPerformance

MOST_MONTHS = 13
LONGEST_LIST = 10

Column = str | Callable[[Any], int | float]
"""A column of the figures of a day, or what is made of several."""


def _of(row: Any, column: Column) -> Any:
    return column(row) if callable(column) else getattr(row, column)


@dataclass(frozen=True)
class Days:
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

    def between(self, since: dt.date, until: dt.date) -> Days:
        """The days from `since` until `until`, both included."""
        days = tuple(since + dt.timedelta(days=step) for step in range((until - since).days + 1))
        return Days(self.rows, days, self.today)

    def months(self, until: dt.date) -> Iterator[tuple[dt.date, Days]]:
        """The first day of each of thirteen months, and its days; the last one as far as `until`."""
        firsts = first_of_months(until)
        ends = [first - dt.timedelta(days=1) for first in firsts[1:]] + [until]
        for first, end in zip(firsts, ends, strict=True):
            yield first, self.between(first, end)


def _figures(rows: Iterable[Any], today: dt.date) -> DayFigures:
    return DayFigures({row.day: row for row in rows}, today)


def platform_days(since: dt.date, until: dt.date, today: dt.date) -> DayFigures:
    """What the platform came to, by day; one query."""
    return _figures(PlatformDay.objects.filter(day__gte=since, day__lte=until).order_by("day"), today)


def performer_days(performer_id: UUID, since: dt.date, until: dt.date, today: dt.date) -> DayFigures:
    """What a performer came to, by day; one query."""
    rows = PerformerDay.objects.filter(performer_id=performer_id, day__gte=since, day__lte=until)
    return _figures(rows.order_by("day"), today)


def _most_watched(model: Any, key: str, since: dt.date, until: dt.date) -> list[dict[str, Any]]:
    return list(
        model.objects.filter(day__gte=since, day__lte=until)
        .values(f"{key}_id")
        .annotate(
            watched=Sum("watch_seconds"),
            peak=Max("peak_viewers"),
            on_air=Sum("minutes_on_air"),
            chat=Sum("chat_messages"),
            tokens=Sum("tokens_spent"),
        )
        .filter(watched__gt=0)
        .order_by("-watched", f"{key}_id")[:LONGEST_LIST]
    )


def most_watched_performers(since: dt.date, until: dt.date) -> list[dict[str, Any]]:
    """The ten performers who were watched longest within the days, with what they came to; one query."""
    return _most_watched(PerformerDay, "performer", since, until)


def most_watched_categories(since: dt.date, until: dt.date) -> list[dict[str, Any]]:
    """The ten primary categories that were watched longest within the days; one query."""
    return _most_watched(CategoryDay, "category", since, until)


def most_watched_streams(since: dt.datetime, until: dt.datetime) -> list[StreamPerformance]:
    """The ten streams that began within the instants (half-open) and were watched longest; one query."""
    begun = StreamPerformance.objects.filter(started_at__gte=since, started_at__lt=until)
    longest = begun.select_related("stream", "performer").order_by("-watch_seconds", "-pk")
    return list(longest[:LONGEST_LIST])


def streams_of(performer_id: UUID, since: dt.datetime, until: dt.datetime) -> list[StreamPerformance]:
    """The newest ten of a performer's streams that began within the instants (half-open); one query."""
    begun = StreamPerformance.objects.filter(
        performer_id=performer_id, started_at__gte=since, started_at__lt=until
    )
    return list(begun.select_related("stream").order_by("-started_at")[:LONGEST_LIST])
