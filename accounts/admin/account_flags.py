"""Moderation flags on accounts."""

from django.contrib import admin

from accounts.admin.filters import PersonFilter
from accounts.admin.forms import ResolveForm
from accounts.admin.links import colleague, person_link
from accounts.models import AccountFlag
from accounts.services.flags import flag_resolve
from core.admin.actions import ConfirmedAction
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


@admin.register(AccountFlag, site=backoffice)
class AccountFlagAdmin(ReadOnlyAdmin):
    """Suspicions about accounts."""

    section = Section.MODERATION
    list_display = ("what", "person", "source", "confidence", "created_at", "outcome")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "kind", "source", PersonFilter)
    list_select_related = ("user", "raised_by", "resolved_by")
    fields = (
        "person",
        "kind",
        "source",
        "confidence",
        "note",
        "raised",
        "created_at",
        "outcome",
        "resolved_at",
        "resolved",
        "id",
        "version",
    )
    readonly_fields = ("person", "raised", "outcome", "resolved")
    actions = (
        ConfirmedAction(
            "resolve",
            flag_resolve,
            "accounts.flag_user",
            ResolveForm,
            words="Resolve",
            explain="The flag is closed with what you say it was. Restricting the person is a step of its own.",
            done="The flag is resolved.",
            available=lambda flag: flag.resolved_at is None,
            id_kwarg="flag_id",
        ),
    )

    @admin.display(description="What")
    def what(self, flag: AccountFlag) -> str:
        return flag.get_kind_display()

    @admin.display(description="Person")
    def person(self, flag: AccountFlag) -> str:
        return person_link(flag.user)

    @admin.display(description="Raised by")
    def raised(self, flag: AccountFlag) -> str:
        return colleague(flag.raised_by)

    @admin.display(description="Resolved by")
    def resolved(self, flag: AccountFlag) -> str:
        return colleague(flag.resolved_by) if flag.resolved_at else "–"

    @admin.display(description="Outcome")
    def outcome(self, flag: AccountFlag) -> str:
        return flag.get_resolution_display() or "open"
