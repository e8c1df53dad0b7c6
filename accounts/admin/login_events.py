"""Attempts to sign in."""

from django.contrib import admin

from accounts.admin.filters import AddressFilter, PersonFilter
from accounts.admin.links import person_link
from accounts.models import LoginEvent
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


@admin.register(LoginEvent, site=backoffice)
class LoginEventAdmin(ReadOnlyAdmin):
    """Who tried to sign in, from where, and whether they were let in."""

    section = Section.PEOPLE
    list_display = ("outcome", "person", "address", "user_agent", "created_at")
    list_filter = (PersonFilter, AddressFilter, TimeFilter)
    list_select_related = ("user",)
    fields = ("outcome", "person", "address", "user_agent", "created_at", "id")
    readonly_fields = ("outcome", "person")

    @admin.display(description="Outcome")
    def outcome(self, event: LoginEvent) -> str:
        return str(event)

    @admin.display(description="Person")
    def person(self, event: LoginEvent) -> str:
        return person_link(event.user) if event.user else "no such account"
