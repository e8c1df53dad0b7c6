"""What rooms have to do with their streams, and with what is tipped there."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from engagement.chat_choices import MessageKind, RoomModeKind
from engagement.errors import MessageRefused
from engagement.models import ChatMessage, ChatRoom
from engagement.services.chat_messages import chat_tip_show
from streams.services.broadcasts import stream_end
from tests.billing.factories_wallets import bought, performer, tip
from tests.engagement.chat_data import as_person, banned, mode, room_of
from tests.streams.factories_broadcasting import live

pytestmark = pytest.mark.django_db


def test_whoever_is_live_has_a_room() -> None:
    stream, _ = live()
    room = ChatRoom.objects.get(stream=stream)
    assert (room.performer_id, room.status) == (stream.performer_id, "open")


def test_the_room_closes_with_its_stream() -> None:
    stream, _ = live()
    with acting(Role.PERFORMER, user_id=stream.performer_id):
        stream_end(stream_id=stream.pk, actor=User.objects.get(pk=stream.performer_id))
    assert ChatRoom.objects.get(stream=stream).status == "closed"


def test_a_tip_has_one_line_whatever_the_mode() -> None:
    to = performer()
    room, other, ann, bob = room_of(to), room_of(), bought(100), bought(100)
    mode(room, RoomModeKind.SLOW, 60)
    spend = tip(ann, to, 33)
    with as_person(ann):
        key = chat_tip_show(room_id=room.pk, spend_id=spend.pk, body="33 tokens: bravo!")
        assert chat_tip_show(room_id=room.pk, spend_id=spend.pk, body="33 tokens: bravo!") == key
        with pytest.raises(MessageRefused, match="who tipped the performer"):
            chat_tip_show(room_id=other.pk, spend_id=spend.pk, body="33 tokens")
    line = ChatMessage.objects.get()
    assert (line.kind, line.sender_id, line.body) == (MessageKind.TIP, ann.pk, "33 tokens: bravo!")
    with as_person(bob):
        with pytest.raises(MessageRefused, match="who tipped the performer"):
            chat_tip_show(room_id=room.pk, spend_id=spend.pk, body="It was me")
        with (
            pytest.raises(IntegrityError, match="who tipped"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT engagement_tip_show(uuidv7(), %s, %s, 'me')", [room.pk, spend.pk])
    banned(room, ann)
    second = tip(ann, to, 5, key="second")
    with as_person(ann), pytest.raises(MessageRefused, match="banned"):
        chat_tip_show(room_id=room.pk, spend_id=second.pk, body="5 tokens")
