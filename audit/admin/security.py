"""Security events."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.admin.filters import AddressFilter, user_named
from accounts.admin.links import person_link
from audit.models import SecurityEvent
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.roles import Role

EndangeredFilter = exact(
    "person", "whose account", find=lambda text: Q(person_id=user_named(text)), help="A handle or an id."
)
RefusedFilter = exact(
    "actor", "who acted", find=lambda text: Q(actor_id=user_named(text)), help="A handle or an id."
)


class UrgentFilter(admin.SimpleListFilter):
    """Only what somebody should look at at once; an index keeps those apart."""

    title = "urgent"
    parameter_name = "urgent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "High and critical")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.urgent() if self.value() == "yes" else queryset  # type: ignore[attr-defined]


@admin.register(SecurityEvent, site=backoffice)
class SecurityEventAdmin(ReadOnlyAdmin):
    """Refusals, guessing, use of keys."""

    section = Section.OVERSIGHT
    list_display = ("kind", "severity", "whose", "acted", "address", "created_at")
    list_filter = (UrgentFilter, "kind", EndangeredFilter, RefusedFilter, AddressFilter, TimeFilter)
    list_select_related = ("actor", "person")
    fields = (
        "kind",
        "severity",
        "whose",
        "acted",
        "acted_as",
        "address",
        "detail",
        "created_at",
        "request_id",
        "id",
    )
    readonly_fields = ("whose", "acted", "acted_as")

    @admin.display(description="Whose account")
    def whose(self, event: SecurityEvent) -> str:
        return person_link(event.person)

    @admin.display(description="Who acted")
    def acted(self, event: SecurityEvent) -> str:
        return person_link(event.actor)

    @admin.display(description="Acting as")
    def acted_as(self, event: SecurityEvent) -> str:
        return Role(event.acting_role).label
