"""Panels: short tables of related rows on the page of an object, newest first, never all of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.utils import display_for_value
from django.db.models import Model, QuerySet
from django.http import HttpRequest

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
    found = panel.rows(obj)
    rows = list(found[: panel.limit + 1]) if isinstance(found, QuerySet) else list(found)
    shown = [
        (panel.url(row) if panel.url else "", [_cell(row, cell) for _, cell in panel.columns])
        for row in rows[: panel.limit]
    ]
    return FilledPanel(panel, shown, len(rows) > panel.limit, panel.all_url(obj) if panel.all_url else "")


_registered: dict[type[Model], list[Panel]] = {}


def register_panel(model: type[Model], panel: Panel) -> Panel:
    """Add a panel to the page of a model whose app may not know of it. Call it once, when the app's admin is imported.

    Raises ValueError for a second panel of the same title.
    """
    known = _registered.setdefault(model, [])
    if any(other.title == panel.title for other in known):
        raise ValueError(f"A panel {panel.title!r} is registered for {model._meta.label} already.")
    known.append(panel)
    return panel


def panels_for(request: HttpRequest, panels: Iterable[Panel], obj: Model) -> list[FilledPanel]:
    """The panels the acting role may see, filled: those of the room, then those that other apps added."""
    return [
        fill(request, panel, obj)
        for panel in (*panels, *_registered.get(type(obj), ()))
        if not panel.permission or request.user.has_perm(panel.permission)
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
