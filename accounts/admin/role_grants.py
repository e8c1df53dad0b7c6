"""Staff roles and who granted them."""

from django.contrib import admin
from django.utils import timezone

from accounts.admin.filters import InForceFilter, PersonFilter
from accounts.admin.links import colleague, period, person_link
from accounts.models import RoleGrant
from accounts.services.role_grants import role_revoke
from core.admin.actions import ConfirmedAction
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


@admin.register(RoleGrant, site=backoffice)
class RoleGrantAdmin(ReadOnlyAdmin):
    """Who holds which role, and since when. A role is granted on the page of the person."""

    section = Section.PEOPLE
    list_display = ("what", "person", "period", "granted")
    list_filter = (InForceFilter, "role", PersonFilter)
    list_select_related = ("user", "grantor")
    fields = ("person", "role", "period", "reason", "granted", "id", "version")
    readonly_fields = ("person", "period", "granted")
    actions = (
        ConfirmedAction(
            "revoke",
            role_revoke,
            "accounts.grant_role",
            words="Revoke",
            explain=lambda grant: (
                f"{grant.user} loses the role {grant.get_role_display()} at the next click."
            ),
            done="The role is revoked.",
            dangerous=True,
            available=lambda grant: grant.is_in_force(timezone.now()),
            id_kwarg="role_grant_id",
        ),
    )

    @admin.display(description="Role")
    def what(self, grant: RoleGrant) -> str:
        return grant.get_role_display()

    @admin.display(description="Person")
    def person(self, grant: RoleGrant) -> str:
        return person_link(grant.user)

    @admin.display(description="Period (UTC)")
    def period(self, grant: RoleGrant) -> str:
        return period(grant.valid)

    @admin.display(description="Granted by")
    def granted(self, grant: RoleGrant) -> str:
        return colleague(grant.grantor)
