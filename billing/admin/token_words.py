"""How tokens, shares and their rows are shown in the back office."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html

from billing.money import money_text

EMPTY = "–"


def tokens(number: int | None) -> str:
    """A number of tokens, as people write it."""
    return EMPTY if number is None else f"{number:,}"


def when(instant: Any) -> str:
    """An instant in UTC, to the second; a dash where there is none."""
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant else EMPTY


def cost(amount: int, currency: str | None) -> str:
    """What tokens cost; a dash where nothing was paid for them."""
    return money_text(amount, currency) if currency else EMPTY


def page(model: str) -> Any:
    """The address of the page of a row, for panels."""
    return lambda row: reverse(f"admin:billing_{model}_change", args=[row.pk])


def rows_of(model: str, parameter: str, value: Any = lambda row: row.pk) -> Any:
    """The address of a list narrowed by a row, for panels."""
    return lambda row: f"{reverse(f'admin:billing_{model}_changelist')}?{parameter}={value(row)}"


def link(model: str, pk: Any, words: Any) -> str:
    """Words that lead to the page of a row."""
    return format_html('<a href="{}">{}</a>', reverse(f"admin:billing_{model}_change", args=[pk]), words)
