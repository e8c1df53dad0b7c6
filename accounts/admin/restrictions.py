"""Restrictions, in force and past."""

from django.contrib import admin
from django.utils import timezone

from accounts.admin.filters import InForceFilter, PersonFilter
from accounts.admin.links import colleague, period, person_link
from accounts.models import Restriction
from accounts.services.restrictions import restriction_lift
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


@admin.register(Restriction, site=backoffice)
class RestrictionAdmin(ReadOnlyAdmin):
    """Limits placed on people."""

    section = Section.MODERATION
    list_display = ("what", "person", "period", "decided")
    list_filter = (InForceFilter, "kind", PersonFilter, TimeFilter)
    list_select_related = ("user", "decided_by", "lifted_by")
    fields = ("person", "kind", "period", "reason", "decided", "lifted", "id", "version")
    readonly_fields = ("person", "period", "decided", "lifted")
    actions = (
        ConfirmedAction(
            "lift",
            restriction_lift,
            "accounts.restrict_user",
            words="Lift",
            explain=lambda restriction: (
                f"The restriction ends now. {restriction.user} is told nothing by this page."
            ),
            done="The restriction is lifted.",
            available=lambda restriction: restriction.is_in_force(timezone.now()),
        ),
    )

    @admin.display(description="What")
    def what(self, restriction: Restriction) -> str:
        return restriction.get_kind_display()

    @admin.display(description="Person")
    def person(self, restriction: Restriction) -> str:
        return person_link(restriction.user)

    @admin.display(description="Period (UTC)")
    def period(self, restriction: Restriction) -> str:
        return period(restriction.valid)

    @admin.display(description="Decided by")
    def decided(self, restriction: Restriction) -> str:
        return colleague(restriction.decided_by)

    @admin.display(description="Lifted by", empty_value="–")
    def lifted(self, restriction: Restriction) -> str | None:
        return str(restriction.lifted_by) if restriction.lifted_by else None
