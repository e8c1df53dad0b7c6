"""Queues by deadline, overdue first: what filings and access reviews share."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from core.admin.filters import DefaultChoiceFilter
from core.admin.keyset import KeysetChangeList

SOON = timedelta(days=2)


class DueFirst(KeysetChangeList):
    """What waits: the longest overdue first, then what is due next."""

    order = ("due_at", "pk")
    order_words = "the longest overdue first"
    pager_words = ("First due", "Due sooner", "Due later")


class DeadlineFilter(DefaultChoiceFilter):
    """What waits, unless something else is asked for; `waiting` are the states in which the clock runs."""

    title = "clock"
    parameter_name = "clock"
    default_label = "Running"
    waiting: tuple[str, ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("soon", "Due within 2 days"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        waiting = queryset.filter(status__in=self.waiting)
        if self.value() == "overdue":
            return waiting.filter(due_at__lte=Now())
        if self.value() == "soon":
            return waiting.filter(due_at__gt=Now(), due_at__lte=Now() + SOON)
        return waiting


def changelist_of(request: HttpRequest) -> type[KeysetChangeList]:
    """By deadline while the list shows what waits; the newest first otherwise."""
    return KeysetChangeList if request.GET.get("clock") in ("all", "late") else DueFirst
