"""How money, people and rows of payments are shown in the back office."""

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from billing.money import money_text
from core.admin.models import BackOfficeModelAdmin

EMPTY = "–"


def money(row: Any, name: str = "amount") -> str:
    """An amount of a row in its currency, as people write it."""
    amount = getattr(row, name)
    return EMPTY if amount is None else money_text(amount, row.currency_id)


def money_of(name: str) -> Any:
    """A column of a panel that shows an amount of its row."""
    return lambda row: money(row, name)


def when(instant: Any) -> str:
    """An instant in UTC, to the second; a dash where there is none."""
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant else EMPTY


def when_of(name: str) -> Any:
    """A column of a panel that shows an instant of its row."""
    return lambda row: when(getattr(row, name))


def row_url(row: Model) -> str:
    """The page of a row."""
    return room_url(row._meta.model_name or "", row.pk)


def room_url(model_name: str, pk: UUID | Any) -> str:
    """The page of a row of billing, by its model and key."""
    return reverse(f"admin:billing_{model_name}_change", args=[pk])


def list_url(model_name: str, query: str = "") -> str:
    """The list of a room of billing."""
    return reverse(f"admin:billing_{model_name}_changelist") + query


def row_link(row: Model | None, words: str = "") -> SafeString | str:
    """The row's words, leading to its page."""
    return EMPTY if row is None else format_html('<a href="{}">{}</a>', row_url(row), words or str(row))


class WithoutToken(BackOfficeModelAdmin):
    """A room whose rows name a payment method: its encrypted token is not fetched along."""

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).defer("payment_method__token")
