"""Links between the rooms of People."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

EMPTY = "–"


def person_url(user_id: UUID) -> str:
    """The page of a person."""
    return reverse("admin:accounts_user_change", args=[user_id])


def person_link(user: Any) -> SafeString | str:
    """The handle of a person, leading to the person's page."""
    return format_html('<a href="{}">{}</a>', person_url(user.pk), user) if user else EMPTY


def colleague(user: Any) -> str:
    """The handle of a colleague; the system where there is none."""
    return str(user) if user else "the system"


def period(valid: Any) -> str:
    """A range as `from – until` in UTC, to the minute."""
    upper = f"{valid.upper:%Y-%m-%d %H:%M}" if valid.upper else "no end"
    return f"{valid.lower:%Y-%m-%d %H:%M} – {upper}"
