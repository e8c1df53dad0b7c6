"""Tiles, figures and months made of figures by day, for a performer and for the platform alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics.admin.day_series import Column, DayFigures, ReadsDays, Stretch, day_figures
from analytics.admin.insights import Asked
from analytics.admin.parts import Figure, Number, Series, Shape, Table, Tile, change, number, share

HOUR = 3600


def watch_hours(row: Any) -> float:
    """Hours watched within a day."""
    return round(row.watch_seconds / HOUR, 1)


def tokens_kept(row: Any) -> int:
    """Tokens spent within a day, less those taken back within it."""
    return int(row.tokens_spent - row.tokens_reversed)


def tokens_taken_back(row: Any) -> int:
    """Tokens taken back within a day, below zero."""
    return -int(row.tokens_reversed)


@dataclass(frozen=True)
class DayPage:
    """The days asked for, those before if somebody compares, and every row read."""

    figures: DayFigures
    days: Stretch
    before: Stretch | None

    def tile(self, words: str, column: Column, how: str = "total", note: str = "") -> Tile:
        """A number of the range beside that of the range before; `how` is `total`, `most` or `last`."""
        value = getattr(self.days, how)(column)
        return Tile(words, value, getattr(self.before, how)(column) if self.before else None, note=note)

    def ratio(
        self, words: str, column: Column, *whole: Column, note: str = "", percent: bool = False
    ) -> Tile:
        """A sum by others, as a number or a percentage."""
        before = self.before.part(column, *whole) if self.before else None
        value = self.days.part(column, *whole)
        return Tile(words, value, before, show=share if percent else number, note=note)

    def figure(
        self,
        code: str,
        title: str,
        columns: Sequence[tuple[str, Column]],
        *,
        shape: Shape = Shape.LINE,
        unit: str = "",
        words: str = "",
        is_level: bool = False,
    ) -> Figure:
        """The columns day by day; the first one is compared with the days before."""

        def values(days: Stretch, column: Column) -> list[Number | None]:
            return days.levels(column) if is_level else days.values(column)

        series = [Series(name, values(self.days, column)) for name, column in columns]
        extra = []
        if self.before is not None and self.before.known:
            name, column = columns[0]
            series.append(Series(f"{name}, days before", values(self.before, column), is_before=True))
            extra.append(("Compared with", [f"{day}" for day in self.before.days]))
        return Figure(
            code,
            title,
            "Day (UTC)",
            [f"{day}" for day in self.days.days],
            series,
            shape,
            unit,
            words,
            extra=extra,
        )

    def stood_still(self) -> Tile:
        """Which part of the time at the player it waited for data."""
        return self.ratio(
            "Stood still",
            "stalled_seconds",
            "watch_seconds",
            "stalled_seconds",
            percent=True,
            note="Part of the time at the player.",
        )

    def unique(self) -> Figure:
        """Who watched at all, day by day."""
        return self.figure(
            "unique",
            "Who watched at all",
            [("Viewers", "unique_viewers")],
            unit="viewers",
            words="Each counts once a day; days cannot be added up.",
        )

    def hours(self) -> Figure:
        """Hours watched, day by day."""
        return self.figure("hours", "Hours watched", [("Hours", watch_hours)], shape=Shape.BAR, unit="hours")

    def chat(self) -> Figure:
        """Lines of chat, day by day."""
        return self.figure("chat", "Chat", [("Lines", "chat_messages")], shape=Shape.BAR, unit="lines")

    def tokens(self) -> Figure:
        """Tokens spent and taken back, day by day."""
        return self.figure(
            "tokens",
            "Tokens",
            [("Spent", "tokens_spent"), ("Taken back", tokens_taken_back)],
            shape=Shape.BAR,
            unit="tokens",
            words="Taken back within the day, whenever they were spent.",
        )

    def months(self, columns: Sequence[tuple[str, Column, str]]) -> tuple[Figure, Table]:
        """Thirteen months until the one in which the range ends: hours watched as bars, and all columns as a table.

        Each column is a name, what it counts, and how (`total`, `most`, `last`).
        """
        months = list(self.figures.months(self.days.days[-1]))
        names = [f"{first:%Y-%m}" for first, _ in months]
        hours = [_rounded(days.total(watch_hours)) for _, days in months]
        lines = []
        for place, (first, days) in enumerate(months):
            if days.known:
                before = hours[place - 1] if place else None
                cells = [_rounded(getattr(days, how)(column)) for _, column, how in columns]
                lines.append([f"{first:%Y-%m}", hours[place], change(hours[place], before), *cells])
        figure = Figure(
            "months",
            "Months",
            "Month (UTC)",
            names,
            [Series("Hours watched", hours)],
            Shape.BAR,
            "hours",
            "Hours watched in whole months, the last one until the end of the range.",
        )
        header = [
            "Month (UTC)",
            "Hours watched",
            "Against the month before",
            *(name for name, _, _ in columns),
        ]
        table = Table(
            "months-table",
            "Month by month",
            header,
            lines[::-1],
            words="Newest first. Viewers are not added up: who comes on two days would count twice.",
        )
        return figure, table


def _rounded(value: Any) -> Any:
    return round(value, 1) if isinstance(value, float) else value


def day_page(asked: Asked, read: ReadsDays) -> DayPage:
    """What the range, the one before and thirteen months need, by a selector of figures by day."""
    shown, previous = asked.range, asked.previous
    figures = day_figures(read, shown.utc_days, previous.utc_days if previous else None)
    before = figures.between(previous.since, previous.until) if previous else None
    return DayPage(figures, figures.between(shown.since, shown.until), before)
