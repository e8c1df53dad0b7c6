"""Addresses of the rooms of People."""

from typing import Any

from django.urls import reverse


def list_of(model: str) -> str:
    """The list of a model: `list_of("user")`."""
    return reverse(f"admin:accounts_{model}_changelist")


def page_of(row: Any) -> str:
    """The page of a row."""
    return reverse(f"admin:accounts_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    """The confirmation page of a named action."""
    return reverse(f"admin:accounts_{row._meta.model_name}_action", args=[row.pk, name])
