"""Filters of the list of cases, and of what belongs to them."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from accounts.admin.filters import user_named
from audit.admin.moderation.queues import queues_waiting
from audit.models.moderation.case import UNDECIDED
from audit.moderation_choices import CaseStatus, EscalationRoute, ReportCategory, ReportSource
from core.admin.filters import DefaultChoiceFilter, exact

WAITING, ALL = "", "all"
SOON = timedelta(hours=4)
"""A case that is due within this time is due soon."""

HELD = Q(claimed_until__gt=Now())
FREE = Q(claimed_until__isnull=True) | Q(claimed_until__lte=Now())
"""A lease that has run out holds nothing."""


class CaseStatusFilter(DefaultChoiceFilter):
    """What waits for a decision, unless something else is asked for; a search looks through everything."""

    title = "status"
    parameter_name = "status"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        self.searches = bool(request.GET.get("q", "").strip())
        self.default_label = "Any (a search)" if self.searches else "Waiting"
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*((status.value, status.label) for status in CaseStatus), (ALL, "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        asked = self.value()
        if asked:
            return queryset if asked == ALL else queryset.filter(status=asked)
        return queryset if self.searches else queryset.filter(UNDECIDED)


class QueueFilter(admin.SimpleListFilter):
    """Where a case waits, by the code of the queue. Shown as a bar above the list, not beside it."""

    title = "queue"
    parameter_name = "queue"
    template = "admin/audit/case/no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(queue.code, queue.name) for queue in queues_waiting(request)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(queue__code=self.value()) if self.value() else queryset


class CategoryFilter(admin.SimpleListFilter):
    """Cases with a report of this category."""

    title = "category"
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(ReportCategory.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(categories__contains=[self.value()]) if self.value() else queryset


class SourceFilter(admin.SimpleListFilter):
    """Cases with a report from such a source."""

    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(ReportSource.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(sources__contains=[self.value()]) if self.value() else queryset


class DueFilter(admin.SimpleListFilter):
    """Undecided cases by their time."""

    title = "due"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("soon", "Within four hours"), ("today", "Within a day")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "overdue":
            return queryset.filter(UNDECIDED, due_at__lte=Now())
        if self.value() in ("soon", "today"):
            ahead = SOON if self.value() == "soon" else timedelta(days=1)
            return queryset.filter(UNDECIDED, due_at__gt=Now(), due_at__lte=Now() + ahead)
        return queryset


class HolderFilter(admin.SimpleListFilter):
    """Who holds a case at this moment."""

    title = "held"
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", "By me"), ("free", "By nobody"), ("others", "By colleagues")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "mine":
            return queryset.filter(HELD, claimed_by=request.user.pk)
        if self.value() == "others":
            return queryset.filter(HELD).exclude(claimed_by=request.user.pk)
        return queryset.filter(FREE) if self.value() == "free" else queryset


class EscalatedFilter(admin.SimpleListFilter):
    """Cases that were escalated and not decided since."""

    title = "escalated"
    parameter_name = "escalated"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(route.value, f"To {route.label[:1].lower()}{route.label[1:]}") for route in EscalationRoute]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(escalation_route=self.value()) if self.value() else queryset


PersonFilter = exact(
    "person", "person", find=lambda text: Q(person_id=user_named(text)), help="A handle or an id."
)
DecidedByFilter = exact(
    "decided_by",
    "who decided",
    find=lambda text: Q(decided_by_id=user_named(text)),
    help="A handle or an id.",
)
ReporterFilter = exact(
    "reporter", "who reported", find=lambda text: Q(reporter_id=user_named(text)), help="A handle or an id."
)
