"""How goals, polls, rewards and tips are shown in the back office."""

from typing import Any

from django.urls import reverse

EMPTY = "–"


def number(count: int | None) -> str:
    """A number with its thousands apart; a dash where there is none."""
    return EMPTY if count is None else f"{count:,}"


def when(instant: Any) -> str:
    """An instant in UTC, to the second; a dash where there is none."""
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant else EMPTY


def page(model: str) -> Any:
    """The address of the page of a row, for panels."""
    return lambda row: reverse(f"admin:engagement_{model}_change", args=[row.pk])


def rows_of(model: str, parameter: str) -> Any:
    """The address of a list narrowed by a row, for panels."""
    return lambda row: f"{reverse(f'admin:engagement_{model}_changelist')}?{parameter}={row.pk}"
