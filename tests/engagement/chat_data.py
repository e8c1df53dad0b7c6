"""Rooms of the tests, and how people act in them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7, uuid7_derived
from engagement.automoderation import term_key
from engagement.chat_choices import MessageKind, RoomModeKind, RoomRoleKind, TermAction
from engagement.models import BlockedTerm, ChatMessage, ChatRoom, RoomBan, RoomMode, RoomRole
from engagement.services.chat_messages import chat_message_send
from performers.models import PerformerProfile
from streams.models import Stream
from tests.accounts.factories import UserFactory
from tests.performers.factories_admission import verified

INSERT = (
    "INSERT INTO engagement_chatmessage (id, room_id, performer_id, sender_id, kind, body, reply_to_id, status) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)


def viewer(**fields: Any) -> User:
    """Somebody who watches."""
    return UserFactory.create(**fields)


def room_of(performer: PerformerProfile | None = None) -> ChatRoom:
    """The room of a planned stream, as the owner writes it."""
    owner = performer or verified()
    stream = Stream.objects.create(performer=owner, title="Morning stretch")
    return ChatRoom.objects.create(stream=stream, performer=owner)


def as_person(person: User | PerformerProfile, role: Role = Role.VIEWER) -> Any:
    """Act as this person."""
    return acting(role, user_id=person.pk)


def as_performer(room: ChatRoom) -> Any:
    """Act as the performer whose room it is."""
    return acting(Role.PERFORMER, user_id=room.performer_id)


def as_worker() -> Any:
    """Act as a job."""
    return acting(Role.WORKER)


def said(room: ChatRoom, sender: User, body: str = "Hello", **options: Any) -> ChatMessage:
    """A message, sent by the service as its sender."""
    with as_person(sender):
        return chat_message_send(room_id=room.pk, sender=sender, body=body, **options)


def inserted(
    room: ChatRoom,
    sender_id: UUID | None,
    body: str = "Hello",
    *,
    id: UUID | None = None,
    performer_id: UUID | None = None,
    kind: str = MessageKind.USER,
    reply_to_id: UUID | None = None,
    status: str = "visible",
) -> UUID:
    """A message by raw SQL, in whatever role acts: as somebody would write who never heard of the services."""
    key = id or uuid7()
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [
                key,
                room.pk,
                performer_id or room.performer_id,
                sender_id,
                str(kind),
                body,
                reply_to_id,
                status,
            ],
        )
    return key


def past(room: ChatRoom, sender: User, count: int, *, ago: timedelta = timedelta(hours=2)) -> list[UUID]:
    """Messages of some time ago, a second apart, oldest first, by one statement as the worker's import writes them."""
    begin = timezone.now() - ago
    keys = [
        uuid7_derived(begin + timedelta(seconds=number), "past", str(number), str(room.pk))
        for number in range(count)
    ]
    with as_worker():
        ChatMessage.objects.bulk_create(
            ChatMessage(
                id=key,
                room_id=room.pk,
                performer_id=room.performer_id,
                sender_id=sender.pk,
                body=f"Line {number}",
            )
            for number, key in enumerate(keys)
        )
    return keys


def since(start: datetime | None = None, until: datetime | None = None) -> DateTimeTZRange:
    """Half-open; without a start, since yesterday."""
    return DateTimeTZRange(start or timezone.now() - timedelta(days=1), until, "[)")


def mode(room: ChatRoom, kind: RoomModeKind, seconds: int | None = None) -> RoomMode:
    """A demand of a room in force."""
    return RoomMode.objects.create(
        room=room, performer_id=room.performer_id, kind=kind, seconds=seconds, valid=since()
    )


def role(room: ChatRoom, person: User, kind: RoomRoleKind = RoomRoleKind.MODERATOR) -> RoomRole:
    """A role in force in the rooms of the performer."""
    return RoomRole.objects.create(performer_id=room.performer_id, person=person, kind=kind, valid=since())


def banned(room: ChatRoom, person: User, *, everywhere: bool = False) -> RoomBan:
    """A ban in force from a room, or from all of the performer."""
    return RoomBan.objects.create(
        performer_id=room.performer_id,
        room=None if everywhere else room,
        person=person,
        reason="Spoils the evening",
        banned_by_id=room.performer_id,
        valid=since(),
    )


def term(
    words: str, action: TermAction = TermAction.HOLD, *, room: ChatRoom | None = None, performer: Any = None
) -> BlockedTerm:
    """A blocked term in force: of the platform, a performer or a room."""
    return BlockedTerm.objects.create(
        term=words,
        folded=term_key(words),
        action=action,
        room=room,
        performer_id=room.performer_id if room else performer,
        valid=since(),
    )
