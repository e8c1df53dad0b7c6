"""What a page of insight is made of: tiles, figures, heat maps and tables. Plain values; the templates draw them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Protocol

from django.utils.safestring import SafeString

Number = int | float | Decimal
MISSING = "–"
"""What stands for a number that nobody has: not measured, not yet rolled up, or withheld."""


class Shape(StrEnum):
    """How a figure is drawn."""

    LINE = "line"
    BAR = "bar"
    STACKED = "stacked"


def number(value: Number | None) -> str:
    """A number as people read it: thousands apart, at most one decimal."""
    if value is None:
        return MISSING
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}".removesuffix(".0")


def share(value: Number | None) -> str:
    """A part of one as a percentage with one decimal."""
    return MISSING if value is None else f"{value:.1%}"


def change(now: Number | None, before: Number | None) -> str:
    """By how much it became more or less, as a percentage; in words where there is none."""
    if now is None or before is None:
        return ""
    if not before:
        return "none before" if now else "none before either"
    parts = (Decimal(str(now)) - Decimal(str(before))) / abs(Decimal(str(before))) * 100
    rounded = parts.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return "the same as before" if not rounded else f"{rounded:+,.1f} %".replace("-", "−")  # noqa: RUF001


@dataclass(frozen=True)
class Tile:
    """One number with its name; `before` is that of the range before."""

    words: str
    value: Number | None
    before: Number | None = None
    show: Callable[[Number | None], str] = number
    note: str = ""

    @property
    def shown(self) -> str:
        """The number in words."""
        return self.show(self.value)

    @property
    def change(self) -> str:
        """How it differs from the range before; "" where nobody compares."""
        difference = change(self.value, self.before)
        return f"{difference} ({self.show(self.before)})" if difference else ""


class Part(Protocol):
    """Anything with a title that can be shown as a table and saved as CSV."""

    @property
    def code(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def header(self) -> Sequence[str]: ...
    @property
    def lines(self) -> Iterable[Sequence[object]]: ...


@dataclass(frozen=True)
class Series:
    """Values in the order of the labels; None is a gap. `is_before` draws it as the range to compare with."""

    name: str
    values: Sequence[Number | None]
    is_before: bool = False


@dataclass(frozen=True)
class Figure:
    """A line, bars or stacked bars over labels, with the table beside.

    `description` is for those who do not see the picture: what is shown and what stands out. `unit` is written at the
    axis; `extra` are columns of the table and the file alone (the days compared with, say). A figure in which every
    value is None says `empty` instead.
    """

    code: str
    title: str
    label: str
    labels: Sequence[str]
    series: Sequence[Series]
    shape: Shape = Shape.LINE
    unit: str = ""
    words: str = ""
    description: str = ""
    show: Callable[[Number | None], str] = number
    extra: Sequence[tuple[str, Sequence[str]]] = ()
    empty: str = "There are no figures for these days."

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for series in self.series for value in series.values)

    @property
    def told(self) -> str:
        """The description, or what can be said without one: the greatest value of each series."""
        return self.description or " ".join(self._peaks())

    def _peaks(self) -> Iterable[str]:
        yield f"{self.title}, {self.labels[0]} to {self.labels[-1]}." if self.labels else f"{self.title}."
        for series in self.series:
            known = [
                (value, label)
                for value, label in zip(series.values, self.labels, strict=True)
                if value is not None
            ]
            if known:
                most, at = max(known, key=lambda pair: pair[0])
                yield f"{series.name}: at most {self.show(most)}, at {at}."

    @property
    def header(self) -> list[str]:
        """The columns of the table: the label, each series, then the extra ones."""
        return [
            self.label,
            *(series.name for series in self.series),
            *(name for name, _ in self.extra),
        ]

    @property
    def lines(self) -> list[tuple[object, ...]]:
        """The rows of the table and of the file, as plain values."""
        columns = [series.values for series in self.series] + [values for _, values in self.extra]
        return list(zip(self.labels, *columns, strict=True))

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The rows of the table as they are shown: the heading of each, and its cells."""
        return [
            (str(label), [cell if isinstance(cell, str) else self.show(cell) for cell in cells])  # type: ignore[arg-type]
            for label, *cells in self.lines
        ]

    @property
    def picture(self) -> SafeString:
        """The figure as inline SVG."""
        from analytics.admin.pictures import figure_svg

        return figure_svg(self)


@dataclass(frozen=True)
class HeatMap:
    """Cells of rows and columns, stronger in colour where there is more; None is a cell without a number.

    `cells` has a sequence per row, as long as there are columns. `most` is the value of the strongest shade; without
    it, the greatest cell. `leading` are columns of the table between a row's name and its cells (the size of a cohort).
    """

    code: str
    title: str
    label: str
    rows_named: Sequence[str]
    columns: Sequence[str]
    cells: Sequence[Sequence[Number | None]]
    column_label: str = ""
    words: str = ""
    description: str = ""
    show: Callable[[Number | None], str] = number
    most: Number | None = None
    leading: Sequence[tuple[str, Sequence[object]]] = ()
    empty: str = "There are no figures for these days."

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for row in self.cells for value in row)

    @property
    def told(self) -> str:
        """The description, or what can be said without one."""
        return self.description or (
            f"{self.title}: {len(self.rows_named)} rows ({self.label}) and {len(self.columns)} columns"
            f"{f' ({self.column_label})' if self.column_label else ''}; the stronger the colour, the more."
        )

    @property
    def header(self) -> list[str]:
        """The columns of the table."""
        return [self.label, *(name for name, _ in self.leading), *self.columns]

    @property
    def lines(self) -> list[tuple[object, ...]]:
        """The rows of the table and of the file, as plain values."""
        leading = [values for _, values in self.leading]
        return [
            (name, *(values[place] for values in leading), *self.cells[place])
            for place, name in enumerate(self.rows_named)
        ]

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The rows of the table as they are shown."""
        shown = []
        for place, name in enumerate(self.rows_named):
            leading = [
                value if isinstance(value, str) else number(value)  # type: ignore[arg-type]
                for value in (values[place] for _, values in self.leading)
            ]
            shown.append((name, [*leading, *(self.show(value) for value in self.cells[place])]))
        return shown

    @property
    def picture(self) -> SafeString:
        """The map as inline SVG."""
        from analytics.admin.heat_maps import heat_map_svg

        return heat_map_svg(self)


@dataclass(frozen=True)
class Table:
    """A table without a picture, such as the ten streams with the most viewers.

    `lines` are plain values, for the file too; numbers are shown as people read them. `urls` lead from the first cell
    of a row to its page ("" for none).
    """

    code: str
    title: str
    header: Sequence[str]
    lines: Sequence[Sequence[object]]
    urls: Sequence[str] = field(default=())
    words: str = ""
    empty: str = "There is nothing for these days."

    @property
    def is_empty(self) -> bool:
        """Whether there is no row."""
        return not self.lines

    @property
    def rows(self) -> list[tuple[str, str, list[str]]]:
        """Address, heading and cells of each row, as they are shown."""
        urls = [*self.urls, *[""] * (len(self.lines) - len(self.urls))]
        return [
            (url, _shown(first), [_shown(cell) for cell in cells])
            for url, (first, *cells) in zip(urls, self.lines, strict=True)
        ]


def _shown(cell: object) -> str:
    if cell is None or isinstance(cell, (int, float, Decimal)):
        return number(cell)
    return str(cell)
