"""How money, periods and earlier states are shown in the rooms of the catalogue."""

from typing import Any

from django.db.models import Model

from billing.money import money_text
from core.admin.panels import Cell, Panel


def money_or_dash(amount: int | None, currency: str | None) -> str:
    """An amount for people; a dash where there is none."""
    return "–" if amount is None or currency is None else money_text(amount, currency)


def history_of(model: type[Model], *columns: tuple[str, Cell]) -> Panel:
    """The panel of earlier states of a row, with who saved them and why."""
    manager: Any = getattr(model, model._meta.simple_history_manager_attribute)  # type: ignore[attr-defined]
    return Panel(
        title="Earlier states",
        columns=(
            ("When (UTC)", lambda row: f"{row.history_date:%Y-%m-%d %H:%M}"),
            ("What", "history_type"),
            *columns,
            ("Why", "history_change_reason"),
        ),
        rows=lambda row: manager.filter(id=row.pk).order_by("-history_id"),
        permission=f"{model._meta.app_label}.view_{manager.model._meta.model_name}",
        limit=20,
        empty="Unchanged since it was made.",
    )
