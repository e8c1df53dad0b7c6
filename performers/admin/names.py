"""Every name on record, found by the whole name: who once performed as this?"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from performers.admin.links import PerformerFilter, performer_link
from performers.admin.panels import open_period
from performers.models import PerformerAlias


@admin.register(PerformerAlias, site=backoffice)
class PerformerAliasAdmin(ReadOnlyAdmin):
    """Names, for compliance."""

    section = Section.COMPLIANCE
    list_display = ("name", "performed_by", "source", "used")
    list_filter = ("source", PerformerFilter)
    list_select_related = ("performer",)
    search_fields = ("name__exact",)
    search_help_text = "A whole name, letter case aside, or an id."
    fields = ("name", "performed_by", "source", "used", "slug", "created_at", "id")
    readonly_fields = ("performed_by", "used")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By the index over names without letter case; an id by the key."""
        found, distinct = super().get_search_results(request, queryset, search_term)
        if not search_term.strip() or found.exists():
            return found, distinct
        return queryset.named(search_term.strip()), False

    @admin.display(description="Performer")
    def performed_by(self, alias: PerformerAlias) -> str:
        return performer_link(alias.performer)

    @admin.display(description="Used (UTC)")
    def used(self, alias: PerformerAlias) -> str:
        return open_period(alias.valid)
