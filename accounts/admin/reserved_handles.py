"""Handles that nobody may take."""

from django.contrib import admin

from accounts.admin.links import person_link
from accounts.models import ReservedHandle
from accounts.services.handles import handle_release
from core.admin.actions import ConfirmedAction
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


@admin.register(ReservedHandle, site=backoffice)
class ReservedHandleAdmin(ReadOnlyAdmin):
    """Reserved for ever, or resting after they were freed."""

    section = Section.MODERATION
    list_display = ("handle", "reason", "reserved_until", "former_owner")
    list_filter = ("reason",)
    list_select_related = ("previous_owner",)
    search_fields = ("handle__istartswith",)
    search_help_text = "The beginning of a handle, or an id."
    fields = ("handle", "reason", "reserved_until", "former_owner", "created_at", "id")
    readonly_fields = ("former_owner",)
    actions = (
        ConfirmedAction(
            "release",
            handle_release,
            "accounts.delete_reservedhandle",
            words="Release",
            explain=lambda reserved: f"Anybody can take {reserved.handle} from now on.",
            done="The handle is free.",
            dangerous=True,
            available=lambda reserved: reserved.reason != "system",
            id_kwarg="reserved_handle_id",
        ),
    )

    @admin.display(description="Former owner")
    def former_owner(self, reserved: ReservedHandle) -> str:
        return person_link(reserved.previous_owner)
