"""Rooms: what they demand, who is what there, and the conversation as it was read."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.admin.links import colleague, period, person_link
from core.admin.actions import ConfirmedAction
from core.admin.models import ReadOnlyAdmin
from core.admin.object_links import ObjectLink
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.roles import Role
from engagement.admin.chat_words import conversation_url, second, sender_link
from engagement.chat_selectors import messages_around, room_backlog
from engagement.models import ChatMessage, ChatRoom, RoomBan, RoomRole
from engagement.services.rooms import room_hide, room_show
from performers.models import PerformerProfile
from streams.models import Stream

MODERATE = "engagement.moderate_chatroom"
READERS = (Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.AUDITOR)
"""Who reads conversations."""

PAGE = 100

MODES = Panel(
    title="What it demands",
    columns=(
        ("Mode", "kind"),
        ("Seconds", lambda row: row.seconds if row.seconds is not None else "–"),
        ("When (UTC)", lambda row: period(row.valid)),
        ("Set by", lambda row: colleague(row.set_by)),
    ),
    rows=lambda room: room.modes.select_related("set_by").order_by("-pk"),
    permission="engagement.view_roommode",
    empty="Everybody writes as often as they like.",
)
ROLES = Panel(
    title="Moderators and VIPs",
    columns=(
        ("Who", lambda row: person_link(row.person)),
        ("What", "kind"),
        ("When (UTC)", lambda row: period(row.valid)),
        ("Granted by", lambda row: colleague(row.granted_by)),
    ),
    rows=lambda room: (
        RoomRole.objects.filter(performer=room.performer_id)
        .select_related("person", "granted_by")
        .order_by("-pk")
    ),
    permission="engagement.view_roomrole",
    empty="Nobody but the performer.",
)
BANS = Panel(
    title="Bans",
    columns=(
        ("Who", lambda row: person_link(row.person)),
        ("From", lambda row: "this room" if row.room_id else "all rooms of the performer"),
        ("When (UTC)", lambda row: period(row.valid)),
        ("Why", "reason"),
        ("Banned by", lambda row: colleague(row.banned_by)),
    ),
    rows=lambda room: (
        RoomBan.objects.filter(Q(room__isnull=True) | Q(room=room), performer=room.performer_id)
        .select_related("person", "banned_by")
        .order_by("-pk")
    ),
    permission="engagement.view_roomban",
    empty="Nobody is banned.",
)
HELD = Panel(
    title="Held messages",
    columns=(
        ("Matched", "matched"),
        ("From", lambda row: person_link(row.sender)),
        ("Status", "status"),
        ("When (UTC)", lambda row: second(row.created_at)),
    ),
    rows=lambda room: room.held_messages.select_related("sender").order_by("-pk"),
    permission="engagement.view_heldmessage",
    url=lambda row: reverse("admin:engagement_heldmessage_change", args=[row.pk]),
    empty="No message was held here.",
)
LATEST = Panel(
    title="Latest messages",
    columns=(
        ("When (UTC)", lambda row: second(row.created_at)),
        ("From", lambda row: sender_link(row.sender)),
        ("Words", "body"),
        ("Status", "status"),
    ),
    rows=lambda room: ChatMessage.objects.in_room(room.pk).select_related("sender"),
    permission="engagement.view_chatmessage",
    all_url=lambda room: conversation_url(room.pk),
    url=lambda row: reverse("admin:engagement_chatmessage_change", args=[row.pk]),
    empty="Nobody has written yet.",
)


@admin.register(ChatRoom, site=backoffice)
class ChatRoomAdmin(ReadOnlyAdmin):
    """Every room, the newest first."""

    section = Section.MODERATION
    list_display = ("stream", "performer", "state", "created_at")
    list_filter = ("status", ("hidden_at", admin.EmptyFieldListFilter))
    list_select_related = ("stream", "performer")
    search_fields = ("performer__slug__exact",)
    search_help_text = "The slug of a performer, or the id of a room."
    fields = ("stream", "performer", "state", "hidden_at", "created_at", "id", "version")
    readonly_fields = ("state",)
    panels = (LATEST, MODES, HELD, ROLES, BANS)
    actions = (
        ConfirmedAction(
            "hide",
            room_hide,
            MODERATE,
            words="Hide",
            explain="Nobody writes or reads in it until it is shown again. A decision on a case is the usual way.",
            done="Hidden: {obj}.",
            dangerous=True,
            available=lambda room: room.hidden_at is None,
            id_kwarg="room_id",
        ),
        ConfirmedAction(
            "show",
            room_show,
            MODERATE,
            words="Show again",
            explain="Everybody reads and writes in it as before.",
            done="Shown again: {obj}.",
            available=lambda room: room.hidden_at is not None,
            id_kwarg="room_id",
        ),
    )

    @admin.display(description="Status")
    def state(self, room: ChatRoom) -> str:
        return "Hidden" if room.hidden_at else room.get_status_display()

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "<uuid:object_id>/conversation/",
                self.admin_site.admin_view(self.conversation),
                name="engagement_chatroom_conversation",
            ),
            *super().get_urls(),
        ]

    def conversation(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """The conversation as it was read: a page of messages in order of time, or those around one of them.

        `?before=` leads to older pages, `?around=` to a message. What was removed or held is shown as such.
        """
        if not request.user.has_perm("engagement.view_chatmessage"):
            raise PermissionDenied
        room = self.get_object(request, str(object_id))
        if not isinstance(room, ChatRoom):
            raise Http404
        chosen = _key(request, "around")
        before = _key(request, "before")
        if chosen is not None:
            message = ChatMessage.objects.filter(pk=chosen, room_id=room.pk).first()
            if message is None:
                raise Http404
            lines = messages_around(message=message, before=PAGE // 2, after=PAGE // 2)
        else:
            lines = room_backlog(room_id=room.pk, before=before, limit=PAGE, only_visible=False)
        return TemplateResponse(
            request,
            "admin/engagement/conversation.html",
            {
                **self.admin_site.each_context(request),
                "title": f"Conversation: {room.stream}",
                "opts": self.opts,
                "room": room,
                "lines": lines,
                "chosen": chosen,
                "older": lines[0].message.pk if len(lines) >= PAGE else None,
                "is_latest": chosen is None and before is None,
            },
        )


def _key(request: HttpRequest, name: str) -> UUID | None:
    """The id in the address; a word that is none leads to nothing. Raises Http404."""
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


backoffice.add_object_link(
    ChatRoom, ObjectLink("Conversation", lambda room: conversation_url(room.pk), roles=READERS)
)

ROOMS = Panel(
    title="Chat rooms",
    columns=(
        ("Stream", "stream"),
        ("Status", lambda row: "Hidden" if row.hidden_at else row.get_status_display()),
        ("Opened (UTC)", lambda row: second(row.created_at)),
    ),
    rows=lambda row: _rooms_of(row).select_related("stream").order_by("-pk"),
    permission="engagement.view_chatroom",
    url=lambda room: reverse("admin:engagement_chatroom_change", args=[room.pk]),
    empty="No room was opened yet.",
)


def _rooms_of(row: Any) -> Any:
    """Rooms of a performer, or of a stream."""
    if isinstance(row, Stream):
        return ChatRoom.objects.filter(stream=row.pk)
    return ChatRoom.objects.filter(performer=row.pk)


backoffice.add_panel(Stream, ROOMS)
backoffice.add_panel(PerformerProfile, ROOMS)
