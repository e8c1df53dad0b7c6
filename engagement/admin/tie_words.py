"""How ties are shown in the back office."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.admin.filters import user_named
from core.admin.filters import exact

EMPTY = "–"


def when(instant: Any) -> str:
    """An instant in UTC, to the minute; a dash where there is none."""
    return f"{instant:%Y-%m-%d %H:%M}" if instant else EMPTY


def page_of(model: str) -> Any:
    """The address of the page of a row, for panels."""
    return lambda row: reverse(f"admin:engagement_{model}_change", args=[row.pk])


def list_of(model: str, parameter: str) -> Any:
    """The address of a list narrowed by the row of the page, for panels."""
    return lambda row: f"{reverse(f'admin:engagement_{model}_changelist')}?{parameter}={row.pk}"


def person_filter(field: str, title: str) -> Any:
    """A filter by the person whom `field` names, by handle or id."""
    return exact(field, title, find=lambda text: Q(**{field: user_named(text)}), help="A handle or an id.")


def subject_link(subject_type: str, subject: Any) -> str:
    """A stream, archive or performer, leading to its page; a room has none of its own here."""
    rooms = {
        "performer": "performers_performerprofile",
        "stream": "streams_stream",
        "archive": "streams_archive",
    }
    if subject_type not in rooms:
        return f"{subject_type} {subject}"
    url = reverse(f"admin:{rooms[subject_type]}_change", args=[subject])
    return format_html('<a href="{}">{} {}</a>', url, subject_type, subject)


class LastsFilter(admin.SimpleListFilter):
    """Ties that last, or have ended."""

    title = "lasts"
    parameter_name = "lasts"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", "Lasts"), ("no", "Ended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in ("yes", "no"):
            return queryset.filter(ended_at__isnull=self.value() == "yes")
        return queryset
