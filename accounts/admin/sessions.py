"""Signed-in devices."""

from django.contrib import admin

from accounts.admin.filters import PersonFilter
from accounts.admin.links import person_link
from accounts.models import UserSession
from accounts.services.sessions import session_revoke
from core.admin.actions import ConfirmedAction
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


@admin.register(UserSession, site=backoffice)
class UserSessionAdmin(ReadOnlyAdmin):
    """Devices on which people are signed in."""

    section = Section.PEOPLE
    list_display = ("person", "created_at", "last_used_at", "address", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), PersonFilter)
    list_select_related = ("user", "revoked_by")
    fields = (
        "person",
        "created_at",
        "last_used_at",
        "second_factor_at",
        "expires_at",
        "address",
        "user_agent",
        "revoked_at",
        "id",
    )
    readonly_fields = ("person",)
    actions = (
        ConfirmedAction(
            "revoke",
            session_revoke,
            "accounts.revoke_session",
            words="Sign out",
            explain=lambda session: f"{session.user} is signed out of this device at the next click.",
            done="The device is signed out.",
            available=lambda session: session.revoked_at is None,
            id_kwarg="user_session_id",
        ),
    )

    @admin.display(description="Person")
    def person(self, session: UserSession) -> str:
        return person_link(session.user)
