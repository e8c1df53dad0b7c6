"""Words and links that several pages of chat share."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from accounts.admin.links import person_link
from accounts.models import User
from core.admin.filters import exact
from engagement.models import ChatRoom


def sender_link(person: User | None) -> str:
    """Who wrote it, as a link; the system has no page."""
    return person_link(person) if person else "the system"


def room_link(room: ChatRoom | None) -> str:
    """A room as a link; its stream has to be loaded with it."""
    if room is None:
        return "–"
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:engagement_chatroom_change", args=[room.pk]), room.stream
    )


def conversation_url(room_id: UUID, query: str = "") -> str:
    """The address of the conversation of a room."""
    return reverse("admin:engagement_chatroom_conversation", args=[room_id]) + query


def second(instant: Any) -> str:
    """An instant in UTC, to the second."""
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant else "–"


def sender_named(text: str) -> Q:
    """The condition for a sender, by handle or id. Raises ValidationError with a sentence."""
    try:
        return Q(sender_id=UUID(text))
    except ValueError:
        pass
    found = User.objects.with_handle(text.strip()).values_list("pk", flat=True).first()
    if found is None:
        raise ValidationError(f"Nobody has the handle {text}.")
    return Q(sender_id=found)


def room_named(text: str) -> Q:
    """The condition for a room, by its id. Raises ValidationError with a sentence."""
    try:
        return Q(room_id=UUID(text))
    except ValueError:
        raise ValidationError("A room is named by its id: copy it from its page.") from None


SenderFilter = exact("sender", "sender", find=sender_named, help="A handle or an id.")
RoomFilter = exact("room", "room", find=room_named, help="The id of a room.")
