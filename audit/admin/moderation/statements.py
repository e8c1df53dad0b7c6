"""Statements of reasons, as people read them; printable."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from accounts.admin.links import person_link
from audit.admin.moderation.decisions import page_link
from audit.admin.moderation.filters import PersonFilter
from audit.admin.moderation.words import labels
from audit.models import StatementOfReasons
from audit.moderation_choices import EffectAxis
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


@admin.register(StatementOfReasons, site=backoffice)
class StatementAdmin(ReadOnlyAdmin):
    """What people were told of decisions that restrict them (DSA article 17)."""

    section = Section.MODERATION
    list_display = (
        "platform_identifier",
        "person_linked",
        "restricted",
        "ground_reference",
        "category",
        "issued_at",
        "submitted_at",
    )
    list_filter = (
        "ground",
        "content_kind",
        ("submitted_at", admin.EmptyFieldListFilter),
        PersonFilter,
        TimeFilter,
    )
    list_select_related = ("person", "decision", "decision__case")
    search_fields = ("platform_identifier__exact",)
    search_help_text = "The whole identifier of a statement, or its id."
    fields = (
        "platform_identifier",
        "person_linked",
        "decision_linked",
        "restriction_words",
        "restricted",
        "where",
        "starts_at",
        "ends_at",
        "facts",
        "source",
        "automated_detection",
        "automated_decision",
        "ground",
        "ground_reference",
        "ground_explanation",
        "category",
        "content_kind",
        "content_date",
        "redress",
        "language",
        "issued_at",
        "submitted_at",
        "id",
    )
    readonly_fields = ("person_linked", "decision_linked", "restricted", "where")

    @admin.display(description="Person")
    def person_linked(self, statement: StatementOfReasons) -> Any:
        return person_link(statement.person)

    @admin.display(description="Decision")
    def decision_linked(self, statement: StatementOfReasons) -> SafeString:
        return page_link("decision", statement.decision_id, str(statement.decision))

    @admin.display(description="Restricts")
    def restricted(self, statement: StatementOfReasons) -> str:
        return labels(statement.restrictions, EffectAxis)

    @admin.display(description="Where")
    def where(self, statement: StatementOfReasons) -> str:
        return ", ".join(statement.territories) or "Everywhere"

    def get_urls(self) -> list[URLPattern]:
        """With the page for the printer."""
        view = self.admin_site.admin_view(self.print_view)
        return [
            path("<uuid:object_id>/print/", view, name="audit_statementofreasons_print"),
            *super().get_urls(),
        ]

    def print_view(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """The statement alone, on paper."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        statement = self.get_object(request, str(object_id))
        if statement is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        return TemplateResponse(
            request,
            "admin/audit/statementofreasons/print.html",
            {
                **self.admin_site.each_context(request),
                "title": f"Statement of reasons {statement}",
                "statement": statement,
                "back": reverse("admin:audit_statementofreasons_change", args=[object_id]),
            },
        )
