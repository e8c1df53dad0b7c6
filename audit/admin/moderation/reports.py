"""Reports: what was said, by whom, and what became of it."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from accounts.admin.links import EMPTY, person_link
from audit.admin.moderation.filters import PersonFilter, ReporterFilter
from audit.admin.moderation.subject_titles import WithSubjects
from audit.admin.moderation.subjects import titles_of
from audit.admin.moderation.words import lines
from audit.models import Report
from audit.subjects import subject_of
from core.admin.filters import TimeFilter, exact
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice

CaseFilter = exact("case", "case (id)", lookup="case_id")
LONGEST_IN_LIST = 120


def case_link(case_id: Any, words: str = "Open the case") -> SafeString:
    """A link to the page of a case."""
    return format_html('<a href="{}">{}</a>', reverse("admin:audit_case_change", args=[case_id]), words)


def from_whom(report: Report) -> Any:
    """The reporter, the organisation with its file number, or the machine."""
    if report.reporter is not None:
        return person_link(report.reporter)
    if report.organisation:
        reference = f", file {report.organisation_reference}" if report.organisation_reference else ""
        return f"{report.organisation}{reference}"
    return f"{report.detector}, sure to {report.confidence}"


@admin.register(Report, site=backoffice)
class ReportAdmin(ReadOnlyAdmin):
    """Reports, the newest first. Support sees those that it filed."""

    section = Section.MODERATION
    list_display = ("category", "subject", "said", "sent_by", "status", "created_at")
    list_filter = (
        "status",
        "category",
        "source",
        "subject_kind",
        CaseFilter,
        PersonFilter,
        ReporterFilter,
        TimeFilter,
    )
    list_select_related = ("reporter", "person")
    search_fields = ("organisation_reference__exact",)
    search_help_text = "The id of a report or of what it is about, or the file number of an organisation."
    fields = (
        "category",
        "subject_linked",
        "case_linked",
        "words",
        "reported_by",
        "source",
        "good_faith",
        "status",
        "decided_at",
        "created_at",
        "id",
    )
    readonly_fields = ("subject_linked", "case_linked", "reported_by")

    class Media:
        css: dict[str, Any] = {"all": ("audit/moderation.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return WithSubjects

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By file number, or by the id of a report or subject."""
        text = search_term.strip()
        if not text:
            return queryset, False
        condition = Q(organisation_reference=text) & ~Q(organisation_reference="")
        return queryset.filter(condition | _by_id(text)), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(
            request, {"files_reports": request.user.has_perm("audit.file_report"), **(extra_context or {})}
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The case for those who read cases."""
        fields = super().get_fields(request, obj)
        reads_cases = request.user.has_perm("audit.view_case")
        return fields if reads_cases else [name for name in fields if name != "case_linked"]

    @admin.display(description="Subject")
    def subject(self, report: Any) -> SafeString:
        return format_html(
            "{}<br><small>{}, {}</small>",
            report.subject_title,
            report.get_subject_kind_display(),
            report.person,
        )

    @admin.display(description="What is said")
    def said(self, report: Report) -> str:
        return Truncator(report.words).chars(LONGEST_IN_LIST) or EMPTY

    @admin.display(description="From")
    def sent_by(self, report: Report) -> SafeString:
        return lines([from_whom(report), report.get_source_display()])

    @admin.display(description="From")
    def reported_by(self, report: Report) -> Any:
        return from_whom(report)

    @admin.display(description="Subject")
    def subject_linked(self, report: Report) -> SafeString:
        title = titles_of([(report.subject_kind, report.subject_id)])[report.subject_kind, report.subject_id]
        url = subject_of(report.subject_kind).url(report.subject_id)
        if not url:
            return format_html("{}", title)
        return format_html('{} <a href="{}">{}</a>', report.get_subject_kind_display(), url, title)

    @admin.display(description="Case")
    def case_linked(self, report: Report) -> SafeString:
        return case_link(report.case_id)


def _by_id(text: str) -> Q:
    """The condition that a report has this id, or is about what has it."""
    try:
        identity = UUID(text)
    except ValueError:
        return Q(pk__in=[])
    return Q(pk=identity) | Q(subject_id=identity) | Q(person_id=identity)
