"""Panels: short tables of related rows on the page of an object, newest first, never all of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.utils import display_for_value
from django.db.models import Exists, Model, QuerySet
from django.http import HttpRequest

from core.db.asking import ask

Cell = str | Callable[[Any], Any]


@dataclass(frozen=True)
class Panel:
    """A table of up to `limit` related rows.

    `rows(obj)` returns a queryset (ordered, with its select_related) or an iterable. `columns` pairs a header
    with an attribute name or a function of the row. `all_url(obj)` leads to the complete, filtered list.
    `permission` hides the panel from roles without it; `empty` is the sentence when there is nothing.
    """

    title: str
    columns: tuple[tuple[str, Cell], ...]
    rows: Callable[[Any], QuerySet | Iterable[Any]]
    permission: str = ""
    limit: int = 10
    all_url: Callable[[Any], str] | None = None
    url: Callable[[Any], str] | None = None
    empty: str = "Nothing here."
    words: str = ""


@dataclass
class FilledPanel:
    """A panel with its rows, as shown."""

    panel: Panel
    rows: list[tuple[str, list[Any]]] = field(default_factory=list)
    more: bool = False
    all_url: str = ""


def fill(request: HttpRequest, panel: Panel, obj: Model) -> FilledPanel:
    """Read a panel's rows: one query, `limit` + 1 rows at most."""
    return _filled(panel, obj, panel.rows(obj))


def _filled(panel: Panel, obj: Model, found: QuerySet | Iterable[Any]) -> FilledPanel:
    rows = list(found[: panel.limit + 1]) if isinstance(found, QuerySet) else list(found)
    shown = [
        (panel.url(row) if panel.url else "", [_cell(row, cell) for _, cell in panel.columns])
        for row in rows[: panel.limit]
    ]
    return FilledPanel(panel, shown, len(rows) > panel.limit, panel.all_url(obj) if panel.all_url else "")


def panels_for(request: HttpRequest, panels: Iterable[Panel], obj: Model) -> list[FilledPanel]:
    """The panels the acting role may see, filled. One question tells which of them have rows; only those are read."""
    seen = [panel for panel in panels if not panel.permission or request.user.has_perm(panel.permission)]
    found = [panel.rows(obj) for panel in seen]
    answers = iter(ask([Exists(rows) for rows in found if isinstance(rows, QuerySet)]))
    return [
        _filled(panel, obj, () if isinstance(rows, QuerySet) and not next(answers) else rows)
        for panel, rows in zip(seen, found, strict=True)
    ]


def _cell(row: Any, cell: Cell) -> Any:
    if callable(cell):
        value = cell(row)
    else:
        display = getattr(row, f"get_{cell}_display", None)
        value = display() if display else getattr(row, cell)
        if callable(value):
            value = value()
    return display_for_value(value, "–")
