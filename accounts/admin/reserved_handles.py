"""Handles that nobody may take."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.admin.forms import ReserveForm
from accounts.admin.links import person_link
from accounts.choices import ReservationReason
from accounts.models import ReservedHandle, User
from accounts.services.handles import handle_release, handle_reserve
from core.admin.actions import ConfirmedAction
from core.admin.models import BackOfficeModelAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


@admin.register(ReservedHandle, site=backoffice)
class ReservedHandleAdmin(BackOfficeModelAdmin):
    """Reserved for ever, or resting after they were freed."""

    section = Section.MODERATION
    adds = True
    form = ReserveForm
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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.reserve_handle")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields if obj else ("handle", "reason", "note")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def save_model(self, request: HttpRequest, obj: ReservedHandle, form: Any, change: bool) -> None:
        """Through the service; the row it wrote takes the place of the form's."""
        reserved = handle_reserve(
            handle=obj.handle,
            reason=ReservationReason(obj.reason),
            actor=cast(User, request.user),
            note=form.cleaned_data["note"],
        )
        obj.pk = reserved.pk
