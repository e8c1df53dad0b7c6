"""Moderators and VIPs of a performer's rooms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from engagement.blocking import blocked_between
from engagement.chat_announcements import room_role_ended, room_role_granted
from engagement.chat_choices import RoomRoleKind
from engagement.errors import RoomRoleRefused
from engagement.models import RoomRole


@transaction.atomic
def room_role_grant(
    *,
    performer_id: UUID,
    person_id: UUID,
    kind: RoomRoleKind | str,
    actor: User,
    until: datetime | None = None,
) -> RoomRole:
    """Make somebody moderator or VIP in a performer's rooms.

    Locks: nothing. Raises: RoomRoleRefused (has a role there, blocked, the performer herself, an end in the past).
    Announces: `room_role_granted`.
    """
    now = database_now()
    if until is not None and until <= now:
        raise RoomRoleRefused("A role ends in the future.")
    if blocked_between(person_id=performer_id, other_id=person_id):
        raise RoomRoleRefused("One of the two has blocked the other.")
    role = RoomRole(
        performer_id=performer_id,
        person_id=person_id,
        kind=kind,
        granted_by=actor,
        valid=DateTimeTZRange(now, until, "[)"),
    )
    with refused_as(RoomRoleRefused):
        role.save(force_insert=True)
    room_role_granted.send(
        sender=RoomRole, actor=actor, subject=role, detail={"kind": str(kind), "person": str(person_id)}
    )
    return role


@transaction.atomic
def room_role_end(*, role_id: UUID, actor: User, reason: str = "") -> RoomRole:
    """End a role now.

    Locks: the role. Raises: RoomRoleRefused (over already), NotThere. Announces: `room_role_ended`.
    """
    role = locked(RoomRole, role_id)
    now = database_now()
    if not role.is_in_force(now) or role.valid.lower == now:
        raise RoomRoleRefused("This role is over already.")
    role.end(now)
    with refused_as(RoomRoleRefused):
        role.save(update_fields=["valid"])
    room_role_ended.send(sender=RoomRole, actor=actor, subject=role, reason=reason, changed=("valid",))
    return role


@dataclass(frozen=True, kw_only=True)
class PastRole:
    """A role that somebody had elsewhere, from `since` on."""

    id: UUID
    performer_id: UUID
    person_id: UUID
    kind: RoomRoleKind
    since: datetime


@transaction.atomic
def room_roles_import(*, roles: Sequence[PastRole]) -> int:
    """Take in roles of another platform; returns how many are new. Runs as the worker.

    Locks: nothing. Raises: RoomRoleRefused: nothing of the batch is written then. Announces: nothing.
    """
    wanted = {role.id: role for role in roles}
    present = set(RoomRole.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    fresh = [
        RoomRole(
            id=role.id,
            performer_id=role.performer_id,
            person_id=role.person_id,
            kind=role.kind,
            valid=DateTimeTZRange(role.since, None, "[)"),
        )
        for key, role in sorted(wanted.items())
        if key not in present
    ]
    with refused_as(RoomRoleRefused):
        RoomRole.objects.bulk_create(fresh)
    return len(fresh)
