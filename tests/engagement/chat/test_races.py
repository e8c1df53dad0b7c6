"""Two at once, on connections of their own."""

from typing import Any

import pytest

from core.errors import IllegalTransition
from engagement.chat_choices import HeldStatus, MessageStatus, RoomModeKind
from engagement.errors import MessageRefused, RoomBanRefused, TermRefused
from engagement.models import ChatMessage, ChatRoom, HeldMessage
from engagement.services.blocked_terms import blocked_term_add
from engagement.services.held_messages import held_message_approve, held_message_refuse
from engagement.services.room_bans import room_ban_place
from engagement.services.rooms import room_open
from tests.accounts.test_races import at_once, refusals
from tests.engagement.chat_data import as_performer, as_person, mode, room_of, said, term, viewer

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_message_passes_in_a_slow_room_however_many_are_sent_at_once() -> None:
    room, ann, bob = room_of(), viewer(), viewer()
    mode(room, RoomModeKind.SLOW, 60)

    def send(person: Any) -> Any:
        return said(room, person)

    outcomes = at_once(*(lambda: send(ann) for _ in range(4)), lambda: send(bob))
    assert refusals(outcomes) == [MessageRefused] * 3
    assert ChatMessage.objects.filter(sender=ann).count() == 1
    assert ChatMessage.objects.filter(sender=bob).count() == 1


def test_one_of_two_decides_about_a_held_message() -> None:
    room, ann = room_of(), viewer()
    term("rude")
    said(room, ann, "rude")
    held = HeldMessage.objects.get()

    def decide(how: Any) -> Any:
        with as_performer(room):
            return how(held_id=held.pk, actor=room.performer.user)

    outcomes = at_once(lambda: decide(held_message_approve), lambda: decide(held_message_refuse))
    assert refusals(outcomes) == [IllegalTransition]
    held.refresh_from_db()
    message = ChatMessage.objects.get(pk=held.message_id)
    assert (held.status, message.status) in (
        (HeldStatus.APPROVED, MessageStatus.VISIBLE),
        (HeldStatus.REFUSED, MessageStatus.REMOVED),
    )


def test_bans_terms_and_rooms_exist_once() -> None:
    room, ann = room_of(), viewer()
    actor = room.performer.user

    def ban() -> Any:
        with as_performer(room):
            return room_ban_place(
                performer_id=room.performer_id, person_id=ann.pk, actor=actor, reason="Spoils it"
            )

    def block() -> Any:
        with as_performer(room):
            return blocked_term_add(term="spoiler", performer_id=room.performer_id, actor=actor)

    def opened() -> Any:
        with as_performer(room):
            return room_open(stream_id=room.stream_id, actor=actor).pk

    assert refusals(at_once(ban, ban)) == [RoomBanRefused]
    assert refusals(at_once(block, block)) == [TermRefused]
    assert set(at_once(opened, opened)) == {room.pk}
    assert ChatRoom.objects.count() == 1
    with as_person(ann), pytest.raises(MessageRefused):
        said(room, ann)
