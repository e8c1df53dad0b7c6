"""The list of cases: what waits, the most urgent first; whoever is free takes the next one."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.admin.bulk.choosing import CREATE, bulk_url, decide_in_bulk
from audit.admin.moderation import (
    case_page,
    case_work,
    evidence,
    private_messages,
    saved_filters,
    words,
)
from audit.admin.moderation.case_actions import ACTIONS
from audit.admin.moderation.filters import (
    CaseStatusFilter,
    CategoryFilter,
    DueFilter,
    EscalatedFilter,
    HolderFilter,
    PersonFilter,
    QueueFilter,
    SourceFilter,
)
from audit.admin.moderation.queues import queues_waiting
from audit.admin.moderation.search import case_condition
from audit.admin.moderation.urgent_first import CaseChangeList, UrgentFirst
from audit.models import Case
from audit.models.moderation.readers import CASE_STAFF
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


@admin.register(Case, site=backoffice)
class CaseAdmin(ReadOnlyAdmin):
    """Cases: the queue of every moderator, and everything that was ever decided."""

    section = Section.MODERATION
    list_display = ("reference", "due_and_held", "subject", "said", "urgency")
    list_filter = (
        CaseStatusFilter,
        DueFilter,
        HolderFilter,
        CategoryFilter,
        "subject_kind",
        SourceFilter,
        EscalatedFilter,
        PersonFilter,
        QueueFilter,
    )
    list_select_related = ("person", "queue", "claimed_by")
    list_per_page = 25
    search_fields = ("reference__exact",)
    search_help_text = (
        "A reference (C-1A2B3C4D), a handle, a stage name, the id of a stream or an archive, the file number of an "
        "organisation."
    )
    fields = ("reference", "status")
    actions = (*ACTIONS, decide_in_bulk)

    class Media:
        css: dict[str, Any] = {"all": ("audit/moderation.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """Urgency orders what waits; what is over or searched is shown from the newest on."""
        over = request.GET.get("status") or request.GET.get("q", "").strip()
        return CaseChangeList if over else UrgentFirst

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return queryset.filter(case_condition(search_term)) if search_term.strip() else queryset, False

    def has_bulk_permission(self, request: HttpRequest) -> bool:
        """Whether the acting role may take cases over into a bulk job."""
        return request.user.has_perm(CREATE)

    def get_urls(self) -> list[URLPattern]:
        """The list's own steps, and those of the page, before the addresses of Django."""
        return [
            *case_work.urls(self),
            *case_page.urls(self),
            *evidence.urls(self),
            *private_messages.urls(self),
            *saved_filters.urls(self),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        queues = queues_waiting(request)
        chosen = next((queue for queue in queues if queue.code == request.GET.get("queue")), None)
        works = request.acting_role in CASE_STAFF  # type: ignore[attr-defined]
        return super().changelist_view(
            request,
            {
                "queues": queues,
                "chosen_queue": chosen,
                "takes_cases": works,
                "filters": saved_filters.shown(request),
                "keeps_filters": works,
                "bulk_url": bulk_url(request.GET.urlencode()) if self.has_bulk_permission(request) else "",
                **(extra_context or {}),
            },
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return case_page.show(self, request, object_id)

    @admin.display(description="Subject")
    def subject(self, case: Any) -> SafeString:
        return format_html(
            "{}<br><small>{}, {}</small>", case.subject_title, case.get_subject_kind_display(), case.person
        )

    @admin.display(description="What is said")
    def said(self, case: Case) -> SafeString:
        number = case.report_count
        return words.lines([words.category_words(case), f"{number} report{'s' * (number != 1)}"])

    @admin.display(description="Priority, and why")
    def urgency(self, case: Case) -> SafeString:
        return words.priority_badge(case)

    @admin.display(description="Due")
    def due_and_held(self, case: Any) -> SafeString:
        lines: list[Any] = [words.due_badge(case), words.state_words(case)]
        if words.is_held(case) and words.is_waiting(case):
            lines.append(f"{case.claimed_by} until {case.claimed_until:%H:%M} UTC")
        if case.looking_now:
            lines.append(f"open at {words.names(str(row.moderator) for row in case.looking_now)}")
        return words.lines(lines)
