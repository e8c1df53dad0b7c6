"""Blocked terms of the platform and of performers."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.links import colleague, period
from accounts.models import User
from core.admin.actions import ConfirmedAction
from core.admin.filters import exact
from core.admin.models import BackOfficeModelAdmin
from core.admin.object_links import ObjectLink
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.clock import database_now
from engagement.admin.chat_rooms import READERS
from engagement.automoderation import term_key
from engagement.chat_choices import TermAction
from engagement.models import BlockedTerm
from engagement.services.blocked_terms import blocked_term_add, blocked_term_end

KEEP = "engagement.keep_blockedterm"


def _alike(text: str) -> Q:
    key = term_key(text)
    if not key:
        raise ValidationError("Nothing of this is left to compare with.")
    return Q(folded=key)


def _of_performer(text: str) -> Q:
    try:
        return Q(performer_id=UUID(text))
    except ValueError:
        raise ValidationError("A performer is named by her id: copy it from her page.") from None


class TermForm(forms.ModelForm):
    """A new term. Without a performer it is blocked on the whole platform."""

    performer_id = forms.UUIDField(
        required=False, label="Performer (id)", help_text="Empty: on the whole platform."
    )
    room_id = forms.UUIDField(required=False, label="Room (id)", help_text="Empty: in every room of these.")
    until = forms.DateTimeField(
        required=False, label="Until (UTC)", help_text="Empty: until somebody ends it."
    )

    class Meta:
        model = BlockedTerm
        fields = ("term", "action", "language")
        widgets = {"term": forms.TextInput, "language": forms.TextInput}


@admin.register(BlockedTerm, site=backoffice)
class BlockedTermAdmin(BackOfficeModelAdmin):
    """Terms that hold or refuse messages; found by how they are read, whatever the spelling."""

    section = Section.MODERATION
    adds = True
    form = TermForm
    list_display = ("term", "folded", "action", "scope", "language", "when")
    list_filter = (
        "action",
        exact("language", "language", help="ISO 639, two or three letters."),
        exact("alike", "read like", find=_alike, help="A term in any spelling."),
        exact("performer", "performer", find=_of_performer, help="An id."),
    )
    list_select_related = ("performer__user", "room__stream", "added_by")
    search_fields = ("folded__exact",)
    search_help_text = "A term as it is read (small letters, no marks), or an id."
    fields = ("term", "folded", "action", "scope", "language", "when", "added", "created_at", "id", "version")
    readonly_fields = ("scope", "when", "added", "folded")
    actions = (
        ConfirmedAction(
            "end",
            blocked_term_end,
            KEEP,
            words="End",
            explain="Messages with it pass from now on. What was held because of it stays in the queue.",
            done="Ended: {obj}.",
            available=lambda term: term.is_in_force(database_now()),
            bulk=True,
            reason=False,
            id_kwarg="term_id",
        ),
    )

    @admin.display(description="Where")
    def scope(self, term: BlockedTerm) -> str:
        if term.room_id:
            return f"room of {term.room.stream}" if term.room else "a room"
        return f"rooms of {term.performer}" if term.performer_id else "everywhere"

    @admin.display(description="When (UTC)")
    def when(self, term: BlockedTerm) -> str:
        return period(term.valid)

    @admin.display(description="Added by")
    def added(self, term: BlockedTerm) -> str:
        return colleague(term.added_by)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(KEEP)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields if obj else ("term", "action", "language", "performer_id", "room_id", "until")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def save_model(self, request: HttpRequest, obj: BlockedTerm, form: Any, change: bool) -> None:
        """Through the service; the row it wrote takes the place of the form's."""
        asked = form.cleaned_data
        until: datetime | None = asked["until"]
        added = blocked_term_add(
            term=obj.term,
            action=TermAction(obj.action),
            language=obj.language,
            performer_id=asked["performer_id"],
            room_id=asked["room_id"],
            until=until,
            actor=cast(User, request.user),
        )
        obj.pk = added.pk


backoffice.add_object_link(
    BlockedTerm,
    ObjectLink(
        "Try it on a text",
        lambda term: f"{reverse('admin:chat_term_tester')}?ask=1&text={term.term}",
        roles=READERS,
    ),
)
