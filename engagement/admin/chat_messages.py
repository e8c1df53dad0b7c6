"""Messages: what somebody wrote across all rooms, and each with those around it."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.links import colleague
from accounts.models import User
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.object_links import ObjectLink
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from engagement.admin.chat_rooms import READERS
from engagement.admin.chat_words import (
    RoomFilter,
    SenderFilter,
    conversation_url,
    room_link,
    second,
    sender_link,
    sender_named,
)
from engagement.chat_choices import MessageStatus
from engagement.chat_selectors import ShownMessage, messages_around
from engagement.models import ChatMessage
from engagement.services.chat_messages import message_remove, message_restore

MODERATE = "engagement.moderate_chatmessage"


def _line(row: ShownMessage) -> str:
    return (
        row.message.body
        if row.message.status == MessageStatus.VISIBLE
        else (f"{row.message.body} ({row.message.get_status_display().lower()})")
    )


AROUND = Panel(
    title="The conversation around it",
    columns=(
        ("When (UTC)", lambda row: second(row.message.created_at)),
        ("From", lambda row: row.sender or row.message.get_kind_display()),
        ("Words", _line),
        ("Answers", lambda row: row.answered.body[:60] if row.answered else "–"),
    ),
    rows=lambda message: messages_around(message=message, before=10, after=10),
    url=lambda row: reverse("admin:engagement_chatmessage_change", args=[row.message.pk]),
    limit=21,
    all_url=lambda message: conversation_url(message.room_id, f"?around={message.pk}"),
)


@admin.register(ChatMessage, site=backoffice)
class ChatMessageAdmin(ReadOnlyAdmin):
    """Messages of all rooms, the newest first; of one person by handle, of one room by its id."""

    section = Section.MODERATION
    list_display = ("created_at", "who", "body", "kind", "status", "where")
    list_filter = ("status", SenderFilter, RoomFilter, TimeFilter)
    list_select_related = ("sender", "room__stream", "performer", "moderated_by")
    search_fields = ("sender__handle__exact",)
    search_help_text = "The handle of who wrote, or the id of a message."
    fields = (
        "who",
        "body",
        "kind",
        "status",
        "where",
        "performer",
        "created_at",
        "moderator",
        "moderated_at",
        "reply_to_id",
        "id",
    )
    readonly_fields = ("who", "where", "moderator", "reply_to_id")
    panels = (AROUND,)
    actions = (
        ConfirmedAction(
            "remove",
            message_remove,
            MODERATE,
            words="Remove",
            explain="Nobody in the room sees it any more. Staff and moderators of the room still do.",
            done="Removed.",
            dangerous=True,
            available=lambda message: message.status == MessageStatus.VISIBLE,
            bulk=True,
            id_kwarg="message_id",
        ),
        ConfirmedAction(
            "restore",
            message_restore,
            MODERATE,
            words="Restore",
            explain="Everybody in the room sees it again.",
            done="Restored.",
            available=lambda message: message.status == MessageStatus.REMOVED,
            id_kwarg="message_id",
        ),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """A handle becomes an id first, so that the index of the sender is read and no other one."""
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(sender_named(term)), False
        except ValidationError:
            return queryset.none(), False

    @admin.display(description="From")
    def who(self, message: ChatMessage) -> str:
        return sender_link(message.sender)

    @admin.display(description="Room")
    def where(self, message: ChatMessage) -> str:
        return room_link(message.room)

    @admin.display(description="Moderated by")
    def moderator(self, message: ChatMessage) -> str:
        return colleague(message.moderated_by) if message.moderated_at else "–"

    @admin.display(description="Answers")
    def reply_to_id(self, message: ChatMessage) -> Any:
        return message.reply_to_id or "–"


def _messages_url(person: User) -> str:
    return f"{reverse('admin:engagement_chatmessage_changelist')}?sender={person.pk}"


backoffice.add_panel(
    User,
    Panel(
        title="Recent messages in rooms",
        columns=(
            ("When (UTC)", lambda row: second(row.created_at)),
            ("Room", lambda row: room_link(row.room)),
            ("Words", "body"),
            ("Status", "status"),
        ),
        rows=lambda user: ChatMessage.objects.of_sender(user.pk).select_related("room__stream"),
        permission="engagement.view_chatmessage",
        url=lambda row: reverse("admin:engagement_chatmessage_change", args=[row.pk]),
        all_url=_messages_url,
        empty="Wrote nothing in rooms within 90 days.",
    ),
)
backoffice.add_object_link(
    ChatMessage,
    ObjectLink(
        "Conversation",
        lambda message: conversation_url(message.room_id, f"?around={message.pk}"),
        roles=READERS,
    ),
)
