"""Bans from rooms: by the performer, her moderators, or staff."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from engagement.chat_announcements import room_ban_lifted, room_ban_placed
from engagement.chat_selectors import require_moderator
from engagement.errors import RoomBanRefused
from engagement.models import RoomBan


@transaction.atomic
def room_ban_place(
    *,
    performer_id: UUID,
    person_id: UUID,
    actor: User,
    reason: str,
    room_id: UUID | None = None,
    until: datetime | None = None,
) -> RoomBan:
    """Let somebody write in one room (or in none of the performer's) no longer, until `until` or until it is lifted.

    Locks: nothing. Raises: RoomBanRefused (banned there already, the performer, oneself, an end in the past, no
    reason), NotPermitted. Announces: `room_ban_placed`.
    """
    require_moderator(performer_id=performer_id, actor=actor)
    now = database_now()
    if until is not None and until <= now:
        raise RoomBanRefused("A ban ends in the future.")
    ban = RoomBan(
        performer_id=performer_id,
        room_id=room_id,
        person_id=person_id,
        reason=reason.strip(),
        banned_by=actor,
        valid=DateTimeTZRange(now, until, "[)"),
    )
    with refused_as(RoomBanRefused):
        ban.save(force_insert=True)
    room_ban_placed.send(
        sender=RoomBan,
        actor=actor,
        subject=ban,
        reason=reason,
        detail={"person": str(person_id), "room": str(room_id) if room_id else None},
    )
    return ban


@transaction.atomic
def room_ban_lift(*, ban_id: UUID, actor: User, reason: str = "") -> RoomBan:
    """End a ban now. Locks: the ban. Raises: RoomBanRefused (over already), NotThere. Announces: `room_ban_lifted`."""
    ban = locked(RoomBan, ban_id)
    now = database_now()
    if not ban.is_in_force(now) or ban.valid.lower == now:
        raise RoomBanRefused("This ban is over already.")
    ban.end(now)
    ban.lifted_by = actor
    with refused_as(RoomBanRefused):
        ban.save(update_fields=["valid", "lifted_by"])
    room_ban_lifted.send(
        sender=RoomBan, actor=actor, subject=ban, reason=reason, changed=("valid", "lifted_by")
    )
    return ban
