"""Questions about rooms and messages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from accounts.models import User
from core.db.context import current_role
from core.db.roles import Role
from core.errors import NotPermitted
from core.models.identity import uuid7_floor
from engagement.chat_choices import RoomRoleKind
from engagement.models import ChatMessage, RoomRole
from engagement.models.chat_message import BACKLOG

SKEW = timedelta(minutes=2)
"""No id lies further ahead than this: the clocks of servers differ, and the database refuses more."""


@dataclass(frozen=True)
class ShownMessage:
    """A message with what a reader sees of it: who wrote it, and the words that it answers."""

    message: ChatMessage
    sender: str
    answered: ChatMessage | None
    answered_sender: str


def room_backlog(
    *, room_id: UUID, before: UUID | None = None, limit: int = BACKLOG, only_visible: bool = True
) -> list[ShownMessage]:
    """The last messages of a room, oldest first; before the message `before` for the page above. Three queries.

    Reads by the index of the room, of the newest partitions alone while those hold enough.
    """
    # Partitions of the months ahead are there and empty: nobody has to look into them.
    rows = ChatMessage.objects.in_room(room_id, before or uuid7_floor(timezone.now() + SKEW))
    if only_visible:
        rows = rows.visible()
    return shown(list(rows[:limit])[::-1])


def messages_around(*, message: ChatMessage, before: int = 20, after: int = 10) -> list[ShownMessage]:
    """A message with those of its room before and after it, whatever their status, oldest first. Four queries."""
    rows = ChatMessage.objects.filter(room_id=message.room_id)
    earlier = list(rows.filter(id__lt=message.pk).order_by("-id")[:before])
    later = list(rows.filter(id__gt=message.pk).order_by("id")[:after])
    return shown([*earlier[::-1], message, *later])


def shown(messages: Iterable[ChatMessage]) -> list[ShownMessage]:
    """The messages with senders and answered messages: two queries, whatever their number."""
    page = list(messages)
    known = {message.pk: message for message in page}
    wanted = {message.reply_to_id for message in page if message.reply_to_id} - set(known)
    if wanted:
        known |= {row.pk: row for row in ChatMessage.objects.filter(pk__in=wanted)}
    people = {message.sender_id for message in known.values() if message.sender_id}
    handles = _handles(people)
    return [
        ShownMessage(
            message,
            _name(message, handles),
            answered := known.get(message.reply_to_id) if message.reply_to_id else None,
            _name(answered, handles) if answered else "",
        )
        for message in page
    ]


def _handles(people: set[UUID]) -> dict[UUID, str]:
    """Handles by id. Viewers read no accounts of others, so a function of the database tells."""
    if not people:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, handle FROM engagement_handles(%s::uuid[])", [sorted(people)])
        return dict(cursor.fetchall())


def _name(message: ChatMessage, handles: dict[UUID, str]) -> str:
    return handles.get(message.sender_id, "erased") if message.sender_id else ""


def require_moderator(*, performer_id: UUID, actor: User) -> None:
    """Raise NotPermitted unless the actor moderates these rooms: as the performer, as her moderator, or as staff."""
    if current_role() not in (Role.VIEWER, Role.PERFORMER) or actor.pk == performer_id:
        return
    if not (
        RoomRole.objects.in_force()
        .filter(performer_id=performer_id, person_id=actor.pk, kind=RoomRoleKind.MODERATOR)
        .exists()
    ):
        raise NotPermitted("Only the performer and her moderators do this in her rooms.")
