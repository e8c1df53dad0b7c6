"""Roles in a performer's rooms and modes of a room: given, ended, on record, and refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from engagement.chat_choices import RoomModeKind, RoomRoleKind
from engagement.errors import RoomRefused, RoomRoleRefused
from engagement.models import RoomMode, RoomRole
from engagement.services.room_roles import room_role_end, room_role_grant
from engagement.services.rooms import room_mode_end
from tests.engagement.chat_data import as_performer, mode, role, room_of, viewer
from tests.sql import run

pytestmark = pytest.mark.django_db


def test_a_role_is_granted_by_the_performer_and_told() -> None:
    room, person = room_of(), viewer()
    with as_performer(room):
        made = room_role_grant(
            performer_id=room.performer_id,
            person_id=person.pk,
            kind=RoomRoleKind.MODERATOR,
            actor=User.objects.get(pk=room.performer_id),
        )
    event = Event.objects.get(action="room_role_granted")
    assert (made.person_id, event.subject_id, event.actor_id) == (person.pk, made.pk, room.performer_id)


def test_a_role_in_the_past_and_a_second_one_are_refused() -> None:
    room, person = room_of(), viewer()
    owner = User.objects.get(pk=room.performer_id)
    role(room, person)
    with as_performer(room):
        for until, words in (
            (timezone.now() - timedelta(minutes=1), "in the future"),
            (None, "already|role"),
        ):
            with pytest.raises(RoomRoleRefused, match=words):
                room_role_grant(
                    performer_id=room.performer_id,
                    person_id=person.pk,
                    kind=RoomRoleKind.MODERATOR,
                    actor=owner,
                    until=until,
                )
    assert RoomRole.objects.count() == 1


def test_a_role_ends_once_and_that_is_told() -> None:
    room, person = room_of(), viewer()
    owner, given = User.objects.get(pk=room.performer_id), role(room, person)
    _earlier("engagement_roomrole", given.pk)
    with as_performer(room):
        room_role_end(role_id=given.pk, actor=owner, reason="thank you")
        with pytest.raises(RoomRoleRefused, match="over already"):
            room_role_end(role_id=given.pk, actor=owner)
    assert Event.objects.filter(action="room_role_ended", subject_id=given.pk).count() == 1


def test_a_mode_ends_once_and_that_is_told() -> None:
    room = room_of()
    owner, set_before = User.objects.get(pk=room.performer_id), mode(room, RoomModeKind.SLOW, 60)
    _earlier("engagement_roommode", set_before.pk)
    with as_performer(room):
        room_mode_end(room_id=room.pk, kind=RoomModeKind.SLOW, actor=owner)
        with pytest.raises(RoomRefused, match="not in force"):
            room_mode_end(room_id=room.pk, kind=RoomModeKind.SLOW, actor=owner)
    assert not RoomMode.objects.in_force().exists()
    assert Event.objects.get(action="room_mode_ended").subject_id == room.pk


def _earlier(table: str, key: object) -> None:
    """As if it had begun a minute ago: nothing ends in the moment in which it begins."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    run(
        f"UPDATE {table} SET valid = tstzrange(lower(valid) - interval '1 minute', upper(valid)) WHERE id = %s",
        [key],
    )
    run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
