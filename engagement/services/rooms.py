"""Rooms: opened with their stream, closed by their performer, hidden by staff; and what they demand of writers."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.errors import OwnAccount
from accounts.models import User
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from engagement.chat_announcements import (
    room_closed,
    room_hidden,
    room_mode_ended,
    room_mode_was_set,
    room_opened,
    room_shown,
)
from engagement.chat_choices import RoomModeKind, RoomStatus
from engagement.chat_selectors import require_moderator
from engagement.errors import RoomRefused
from engagement.models import ChatRoom, RoomMode
from streams.models import Stream


@transaction.atomic
def room_open(*, stream_id: UUID, actor: User | None) -> ChatRoom:
    """The room beside a stream; made where there is none, opened again where it was closed.

    Locks: the room. Raises: NotThere (no such stream). Announces: `chat_room_opened`, where something changed.
    """
    stream = Stream.objects.filter(pk=stream_id).only("pk", "performer_id").first()
    if stream is None:
        raise NotThere("There is no such stream.")
    fresh = ChatRoom(stream_id=stream.pk, performer_id=stream.performer_id)
    # Two who open at once agree on one room.
    ChatRoom.objects.bulk_create([fresh], ignore_conflicts=True)
    room = ChatRoom.objects.get(stream_id=stream.pk)
    if room.pk != fresh.pk and room.status == RoomStatus.OPEN:
        return room
    if room.status == RoomStatus.CLOSED:
        return _move(room.pk, RoomStatus.OPEN, room_opened, actor, None)
    room_opened.send(sender=ChatRoom, actor=actor, subject=room)
    return room


@transaction.atomic
def room_close(*, room_id: UUID, actor: User, expected_version: int | None = None) -> ChatRoom:
    """Let nobody but the performer write until the room is opened again.

    Locks: the room. Raises: NotThere, IllegalTransition, StaleVersion. Announces: `chat_room_closed`.
    """
    return _move(room_id, RoomStatus.CLOSED, room_closed, actor, expected_version)


def _move(
    room_id: UUID, status: RoomStatus, announcement: Announcement, actor: User | None, version: int | None
) -> ChatRoom:
    room = locked(ChatRoom, room_id, expected_version=version)
    ChatRoom.status_machine.check(room.status, status)
    room.status = status
    with refused_as(RoomRefused):
        room.save(update_fields=["status"])
    announcement.send(sender=ChatRoom, actor=actor, subject=room, changed=("status",))
    return room


@transaction.atomic
def room_hide(*, room_id: UUID, actor: User, reason: str, expected_version: int | None = None) -> ChatRoom:
    """Take a room from everybody but staff, by a decision.

    Locks: the room. Raises: OwnAccount, RoomRefused (hidden already), NotThere, StaleVersion. Announces:
    `chat_room_hidden`.
    """
    room = _of_others(room_id, actor, expected_version)
    if room.hidden_at is not None:
        raise RoomRefused("This room is hidden already.")
    room.hidden_at = database_now()
    return _hide(room, room_hidden, actor, reason)


@transaction.atomic
def room_show(*, room_id: UUID, actor: User, reason: str, expected_version: int | None = None) -> ChatRoom:
    """Give a hidden room back to everybody.

    Locks: the room. Raises: OwnAccount, RoomRefused (not hidden), NotThere, StaleVersion. Announces:
    `chat_room_shown`.
    """
    room = _of_others(room_id, actor, expected_version)
    if room.hidden_at is None:
        raise RoomRefused("This room is not hidden.")
    room.hidden_at = None
    return _hide(room, room_shown, actor, reason)


def _of_others(room_id: UUID, actor: User, expected_version: int | None) -> ChatRoom:
    if ChatRoom.objects.filter(pk=room_id, performer_id=actor.pk).exists():
        raise OwnAccount("Nobody decides about their own rooms. Ask a colleague.")
    return locked(ChatRoom, room_id, expected_version=expected_version)


def _hide(room: ChatRoom, announcement: Announcement, actor: User, reason: str) -> ChatRoom:
    if not reason.strip():
        raise RoomRefused("A decision says why. Write a reason.")
    with refused_as(RoomRefused):
        room.save(update_fields=["hidden_at"])
    room.refresh_from_db(fields=["hidden_at", "version"])
    announcement.send(sender=ChatRoom, actor=actor, subject=room, reason=reason, changed=("hidden_at",))
    return room


@transaction.atomic
def room_mode_set(
    *,
    room_id: UUID,
    kind: RoomModeKind | str,
    actor: User,
    seconds: int | None = None,
    until: datetime | None = None,
) -> RoomMode:
    """Demand something of those who write, from now until `until`; ends what was set before of this kind.

    Locks: the room's mode of this kind. Raises: RoomRefused (a wrong number of seconds, an end in the
    past), NotThere, NotPermitted. Announces: `room_mode_set`.
    """
    room = ChatRoom.objects.filter(pk=room_id).first()
    if room is None:
        raise NotThere("There is no such room.")
    require_moderator(performer_id=room.performer_id, actor=actor)
    if kind not in RoomModeKind.values:
        raise RoomRefused("There is no such mode of a room.")
    now = database_now()
    if until is not None and until <= now:
        raise RoomRefused("A mode ends in the future.")
    for before in _in_force(room_id, RoomModeKind(kind)):
        _end(before, now)
    mode = RoomMode(
        room=room,
        performer_id=room.performer_id,
        kind=kind,
        seconds=seconds,
        set_by=actor,
        valid=DateTimeTZRange(now, until, "[)"),
    )
    with refused_as(RoomRefused):
        mode.save(force_insert=True)
    room_mode_was_set.send(
        sender=RoomMode,
        actor=actor,
        subject=room,
        detail={"kind": str(kind), "seconds": seconds, "until": until.isoformat() if until else None},
    )
    return mode


@transaction.atomic
def room_mode_end(*, room_id: UUID, kind: RoomModeKind | str, actor: User) -> None:
    """Demand it no longer. Locks: the mode. Raises: RoomRefused (not in force). Announces: `room_mode_ended`."""
    found = _in_force(room_id, RoomModeKind(kind))
    if not found:
        raise RoomRefused("This mode is not in force in the room.")
    now = database_now()
    for mode in found:
        _end(mode, now)
    room_mode_ended.send(sender=RoomMode, actor=actor, subject=found[0].room, detail={"kind": str(kind)})


def _in_force(room_id: UUID, kind: RoomModeKind) -> list[RoomMode]:
    rows = RoomMode.objects.in_force().filter(room_id=room_id, kind=kind).select_related("room")
    return list(rows.select_for_update(of=("self",)).order_by("pk"))


def _end(mode: RoomMode, now: datetime) -> None:
    if mode.valid.lower == now:
        raise RoomRefused("This mode was set this very moment. Try again.")
    mode.end(now)
    with refused_as(RoomRefused):
        mode.save(update_fields=["valid"])
