"""What a room takes: by the service with a sentence, by raw SQL under the acting role with an error."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.choices import RestrictionKind
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7, uuid7_derived
from engagement.chat_choices import MessageKind, MessageStatus, RoomModeKind, RoomRoleKind
from engagement.chat_drafts import Draft
from engagement.errors import MessageRefused
from engagement.models import Block, ChatMessage, ChatRoom, Follow
from engagement.services.chat_messages import chat_message_send, chat_messages_send
from tests.accounts.factories import RestrictionFactory
from tests.engagement.chat_data import (
    as_performer,
    as_person,
    as_worker,
    banned,
    inserted,
    mode,
    role,
    room_of,
    said,
    since,
    viewer,
)

pytestmark = pytest.mark.django_db


def refused(room: ChatRoom, sender: object, words: str, body: str = "Hello", **options: object) -> None:
    """Both ways refuse, for the same reason."""
    with pytest.raises(MessageRefused, match=words):
        said(room, sender, body, **options)  # type: ignore[arg-type]
    with as_person(sender), pytest.raises(IntegrityError, match=words), transaction.atomic():  # type: ignore[arg-type]
        inserted(room, sender.pk, body, **options)  # type: ignore[attr-defined, arg-type]


def test_a_message_arrives_in_three_statements() -> None:
    room, ann = room_of(), viewer()
    with (
        as_person(ann),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        message = chat_message_send(room_id=room.pk, sender=ann, body="  Cafe\u0301 ")
    statements = [query["sql"] for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) == 3, statements
    assert message.body == "Café"
    assert message.performer_id == room.performer_id
    assert message.status == MessageStatus.VISIBLE
    assert abs(message.created_at - timezone.now()) < timedelta(seconds=30)
    with as_person(viewer()):
        assert ChatMessage.objects.in_room(room.pk).get() == message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("x" * 501, "500 characters"),
        ("", "Write something"),
        ("   ", "Write something"),
        ("\u0301\u0302\u0303", "nothing to be seen"),
        ("\u200c\u0301", "nothing to be seen"),
        ("a\0b", "cannot be stored"),
        ("a\ud800b", "cannot be stored"),
        ("\u202eevil", "direction marks"),
        ("\u2066evil\u2069", "direction marks"),
        ("two\nlines", "control characters"),
        ("a\u200bb", "invisible"),
        ("e" + "\u0317" * 6, "pile marks"),
    ],
)
def test_texts_that_no_room_takes(body: str, words: str) -> None:
    room, ann = room_of(), viewer()
    with pytest.raises(MessageRefused, match=words):
        said(room, ann, body)
    with (
        as_person(ann),
        pytest.raises((IntegrityError, DataError, UnicodeEncodeError, ValueError)),
        transaction.atomic(),
    ):
        inserted(room, ann.pk, body)
    assert not ChatMessage.objects.exists()


def test_what_is_not_composed_is_composed_by_the_service_and_refused_by_the_database() -> None:
    room, ann = room_of(), viewer()
    with as_person(ann), pytest.raises(IntegrityError, match="body_composed"), transaction.atomic():
        inserted(room, ann.pk, "Cafe\u0301")
    assert said(room, ann, "e" + "\u0301\u0317").body


@pytest.mark.parametrize(
    "body",
    ["🏳️\u200d🌈 hi", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "ไม่รู้", "👍🏽", "x" * 500, "naïve"],
)
def test_what_people_write_passes(body: str) -> None:
    assert said(room_of(), viewer(), body).body


def test_barred_banned_and_blocked_people_write_nowhere() -> None:
    room, other, ann, bob, eve, joe = room_of(), room_of(), viewer(), viewer(), viewer(), viewer()
    RestrictionFactory.create(user=ann, kind=RestrictionKind.CHAT)
    refused(room, ann, "barred from chatting")
    refused(other, ann, "barred from chatting")
    banned(room, bob)
    refused(room, bob, "banned from this room")
    assert said(other, bob)
    banned(room, eve, everywhere=True)
    refused(ChatRoom.objects.get(pk=room.pk), eve, "banned from this room")
    Block.objects.create(blocker_id=room.performer_id, blocked=joe)
    refused(room, joe, "cannot write in this room")
    assert said(other, joe)


def test_closed_and_hidden_rooms() -> None:
    room, ann = room_of(), viewer()
    ChatRoom.objects.filter(pk=room.pk).update(status="closed")
    refused(room, ann, "is closed")
    with as_performer(room):
        assert inserted(room, room.performer_id)
    ChatRoom.objects.filter(pk=room.pk).update(hidden_at=timezone.now())
    refused(room, ann, "hidden by a decision")
    with (
        as_performer(room),
        pytest.raises(IntegrityError, match="hidden by a decision"),
        transaction.atomic(),
    ):
        inserted(room, room.performer_id)


def test_slow_mode_by_the_last_message() -> None:
    room, ann, bob, mod = room_of(), viewer(), viewer(), viewer()
    mode(room, RoomModeKind.SLOW, 30)
    role(room, mod, RoomRoleKind.VIP)
    said(room, ann)
    refused(room, ann, "is slow")
    assert said(room, bob)
    assert said(room, mod) and said(room, mod)
    assert said(room_of(), ann), "another room has its own time"
    # A clock that is set back or forth by the sender changes nothing.
    earlier = uuid7_derived(timezone.now() - timedelta(seconds=20), "earlier")
    with as_person(ann), pytest.raises(IntegrityError, match="is slow"), transaction.atomic():
        inserted(room, ann.pk, id=earlier)
    for away in (timedelta(minutes=-5), timedelta(minutes=5)):
        with as_person(ann), pytest.raises(IntegrityError, match="of the time"), transaction.atomic():
            inserted(room, ann.pk, id=uuid7_derived(timezone.now() + away, "away"))


def test_followers_only_counts_the_age_of_the_follow() -> None:
    room, ann, bob = room_of(), viewer(), viewer()
    mode(room, RoomModeKind.FOLLOWERS_ONLY, 600)
    refused(room, ann, "Only followers")
    Follow.objects.create(user=ann, performer_id=room.performer_id)
    refused(room, ann, "Only followers")
    room.modes.all().delete()
    mode(room, RoomModeKind.FOLLOWERS_ONLY, 0)
    assert said(room, ann)
    role(room, bob)
    assert said(room, bob), "moderators write whatever the mode"


def test_subscribers_only_asks_for_an_entitlement() -> None:
    from billing.models import Entitlement

    room, ann = room_of(), viewer()
    mode(room, RoomModeKind.SUBSCRIBERS_ONLY)
    refused(room, ann, "Only subscribers")
    Entitlement.objects.create(
        user=ann, performer_id=room.performer_id, source="staff", granted_by=viewer(), valid=since()
    )
    assert said(room, ann)


def test_emotes_only() -> None:
    room, ann, vip, mod = room_of(), viewer(), viewer(), viewer()
    mode(room, RoomModeKind.EMOTE_ONLY)
    refused(room, ann, "Only emotes", body="Hello 👋")
    assert said(room, ann, "👋🏽 :wave_2: ❤️‍🔥")
    role(room, vip, RoomRoleKind.VIP)
    refused(room, vip, "Only emotes")
    role(room, mod)
    assert said(room, mod)


def test_answers_stay_in_their_room() -> None:
    room, other, ann = room_of(), room_of(), viewer()
    first, far = said(room, ann), said(other, ann)
    assert said(room, ann, "Yes", reply_to_id=first.pk).reply_to_id == first.pk
    refused(room, ann, "not in this room", reply_to_id=far.pk)
    refused(room, ann, "not in this room", reply_to_id=uuid4())


def test_nobody_writes_as_somebody_else_or_as_the_system() -> None:
    room, ann, bob = room_of(), viewer(), viewer()
    for fields in (
        {"sender_id": bob.pk},
        {"sender_id": None, "kind": MessageKind.SYSTEM},
        {"sender_id": ann.pk, "kind": MessageKind.TIP},
        {"sender_id": ann.pk, "kind": MessageKind.ANNOUNCEMENT},
    ):
        with (
            as_person(ann),
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
        ):
            inserted(room, **fields)  # type: ignore[arg-type]
    other, nowhere = room_of(), ChatRoom(id=uuid4(), performer_id=room.performer_id)
    with as_person(ann), pytest.raises(IntegrityError, match="carries the performer"), transaction.atomic():
        inserted(room, ann.pk, performer_id=other.performer_id)
    with as_person(ann), pytest.raises(IntegrityError, match="no such room"), transaction.atomic():
        inserted(nowhere, ann.pk)
    with as_performer(room):
        assert inserted(room, room.performer_id, kind=MessageKind.ANNOUNCEMENT)
    for staff in (Role.MODERATOR, Role.SUPPORT, Role.ADMINISTRATOR, Role.ANALYST):
        with (
            acting(staff, user_id=ann.pk),
            pytest.raises(ProgrammingError, match="denied"),
            transaction.atomic(),
        ):
            inserted(room, ann.pk)


def test_a_batch_leaves_out_what_is_refused_and_tells_by_place() -> None:
    room, slow, ann, bob, eve = room_of(), room_of(), viewer(), viewer(), viewer()
    mode(slow, RoomModeKind.SLOW, 10)
    banned(room, eve)
    drafts = [
        Draft(room_id=room.pk, sender_id=ann.pk, body="One"),
        Draft(room_id=room.pk, sender_id=eve.pk, body="Banned"),
        Draft(room_id=slow.pk, sender_id=bob.pk, body="First"),
        Draft(room_id=slow.pk, sender_id=bob.pk, body="Too soon"),
        Draft(room_id=room.pk, sender_id=ann.pk, body="\u202ebad"),
        Draft(room_id=uuid4(), sender_id=ann.pk, body="Nowhere"),
        Draft(room_id=room.pk, sender_id=None, kind=MessageKind.SYSTEM, body="The stream begins."),
    ]
    answer = Draft(room_id=room.pk, sender_id=bob.pk, body="Answer", reply_to_id=drafts[0].id)
    with as_worker(), CaptureQueriesContext(connection) as asked:
        sent = chat_messages_send(messages=[*drafts, answer])
    statements = [query["sql"] for query in asked if query["sql"].startswith(("SELECT", "INSERT"))]
    assert len(statements) == 3
    assert sorted(sent.refused) == [1, 3, 4, 5]
    assert "banned" in str(sent.refused[1]) and "slow" in str(sent.refused[3])
    assert {message.body for message in sent.messages} == {"One", "First", "The stream begins.", "Answer"}
    assert ChatMessage.objects.count() == 4


def test_history_is_brought_in_by_the_worker_alone() -> None:
    room, ann = room_of(), viewer()
    banned(room, ann)
    old = uuid7_derived(timezone.now() - timedelta(days=2), "old")
    with as_worker():
        assert inserted(room, ann.pk, id=old)
    with as_worker(), pytest.raises(IntegrityError, match="banned"), transaction.atomic():
        inserted(room, ann.pk, id=uuid7())
    bob = viewer()
    with as_person(bob), pytest.raises(IntegrityError, match="of the time"), transaction.atomic():
        inserted(room, bob.pk, id=uuid7_derived(timezone.now() - timedelta(days=2), "forged"))
