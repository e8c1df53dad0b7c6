"""Held messages, removals, restorations; who reads and decides what."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from accounts.errors import OwnAccount
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import ACTING_ROLES, Role
from core.errors import IllegalTransition, NotPermitted
from engagement.chat_choices import HeldStatus, HoldReason, MessageStatus, RoomModeKind, TermAction
from engagement.chat_selectors import messages_around, room_backlog
from engagement.errors import MessageRefused, RoomBanRefused, RoomRefused, TermRefused
from engagement.models import BlockedTerm, ChatMessage, HeldMessage
from engagement.services.blocked_terms import blocked_term_add, blocked_term_end
from engagement.services.chat_messages import chat_message_send, message_remove, message_restore
from engagement.services.held_messages import (
    held_message_approve,
    held_message_refuse,
    held_messages_expire,
)
from engagement.services.room_bans import room_ban_lift, room_ban_place
from engagement.services.rooms import room_close, room_hide, room_mode_set, room_open, room_show
from tests.accounts.factories import staff
from tests.engagement.chat_data import (
    as_performer,
    as_person,
    as_worker,
    inserted,
    past,
    role,
    room_of,
    said,
    term,
    viewer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague() -> Iterator[object]:
    """A moderator of the platform, acting."""
    person = viewer()
    with acting(Role.MODERATOR, user_id=person.pk):
        yield person


def test_a_blocked_term_holds_and_the_queue_decides() -> None:
    room, ann, reader = room_of(), viewer(), viewer()
    blocked = term("rude word")
    message = said(room, ann, "Such a RUDE  w0rd here")
    assert message.status == MessageStatus.HELD
    held = HeldMessage.objects.get()
    assert (held.message_id, held.term, held.reason) == (message.pk, blocked, HoldReason.DISGUISED_TERM)
    assert held.matched == "RUDE  w0rd"
    with as_person(reader):
        assert not ChatMessage.objects.exists() and not HeldMessage.objects.exists()
    with as_person(ann):
        assert ChatMessage.objects.get() == message, "senders see what they wrote"
        assert not HeldMessage.objects.exists(), "and not why it waits"
        with pytest.raises(NotThere):
            held_message_approve(held_id=held.pk, actor=ann)
    with acting(Role.MODERATOR, user_id=ann.pk), pytest.raises(OwnAccount):
        held_message_approve(held_id=held.pk, actor=ann)
    with as_performer(room):
        held_message_approve(held_id=held.pk, actor=room.performer.user)
    message.refresh_from_db()
    assert (message.status, message.moderated_by_id) == (MessageStatus.VISIBLE, room.performer_id)
    with as_performer(room), pytest.raises(IllegalTransition):
        held_message_refuse(held_id=held.pk, actor=room.performer.user)


def test_a_sender_takes_a_held_message_back_and_the_queue_says_so() -> None:
    room, ann = room_of(), viewer()
    term("rude")
    message = said(room, ann, "rude")
    with as_person(ann):
        message_remove(message_id=message.pk, actor=ann)
    with as_performer(room):
        held_message_approve(held_id=HeldMessage.objects.get().pk, actor=room.performer.user)
    message.refresh_from_db()
    assert message.status == MessageStatus.REMOVED


def test_terms_by_scope_action_and_time() -> None:
    room, other, ann = room_of(), room_of(), viewer()
    term("everywhere")
    term("hers", performer=room.performer_id)
    term("here", TermAction.REFUSE, room=room)
    assert said(other, ann, "hers here").status == MessageStatus.VISIBLE
    assert said(other, ann, "everywhere").status == MessageStatus.HELD
    assert said(room, ann, "hers").status == MessageStatus.HELD
    with pytest.raises(MessageRefused, match="words that are not written here"):
        said(room, ann, "everywhere and h3re")
    over = BlockedTerm.objects.get(term="everywhere")
    over.end(timezone.now())
    over.save(update_fields=["valid"])
    assert said(other, ann, "everywhere").status == MessageStatus.VISIBLE
    with as_performer(room), pytest.raises(MessageRefused):
        chat_message_send(room_id=room.pk, sender=room.performer.user, body="here")


def test_raw_sql_neither_approves_its_own_nor_restores() -> None:
    room, ann, mod = room_of(), viewer(), viewer()
    role(room, mod)
    with as_person(ann):
        key = inserted(room, ann.pk, status="held")
        with pytest.raises(IntegrityError, match="own message"), transaction.atomic():
            ChatMessage.objects.filter(pk=key).update(status="visible")
        assert ChatMessage.objects.filter(pk=key).update(status="removed") == 1
        with pytest.raises(IntegrityError, match="own message"), transaction.atomic():
            ChatMessage.objects.filter(pk=key).update(status="visible")
        with pytest.raises(ProgrammingError, match="denied"), transaction.atomic():
            ChatMessage.objects.filter(pk=key).update(body="Another")
    with as_person(mod), pytest.raises(IntegrityError, match="only staff bring back"), transaction.atomic():
        ChatMessage.objects.filter(pk=key).update(status="visible")
    with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
        ChatMessage.objects.filter(pk=key).update(body="Another")


def test_who_removes_a_message() -> None:
    room, ann, bob, mod = room_of(), viewer(), viewer(), viewer()
    role(room, mod)
    first, second, third = said(room, ann, "1"), said(room, ann, "2"), said(room, ann, "3")
    with as_person(bob), pytest.raises(NotThere):
        message_remove(message_id=first.pk, actor=bob)
    with as_person(ann):
        message_remove(message_id=first.pk, actor=ann)
    with as_person(mod):
        assert message_remove(message_id=second.pk, actor=mod).moderated_by_id == mod.pk
    with acting(Role.MODERATOR, user_id=bob.pk):
        message_remove(message_id=third.pk, actor=bob, reason="Rude")
        with pytest.raises(IllegalTransition):
            message_remove(message_id=third.pk, actor=bob)
        message_restore(message_id=third.pk, actor=bob, reason="Not that rude")
    with as_person(bob):
        assert [found.body for found in ChatMessage.objects.in_room(room.pk)] == ["3"]


def test_held_messages_expire() -> None:
    room, ann = room_of(), viewer()
    term("rude")
    kept, late = said(room, ann, "rude one"), said(room, ann, "rude two")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE engagement_heldmessage DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE engagement_heldmessage SET expires_at = now() - interval '1 s' WHERE message_id = %s",
            [late.pk],
        )
        cursor.execute("ALTER TABLE engagement_heldmessage ENABLE TRIGGER USER")
    with as_worker():
        assert held_messages_expire() == 1
        assert held_messages_expire() == 0
    late.refresh_from_db()
    kept.refresh_from_db()
    assert (late.status, kept.status) == (MessageStatus.REMOVED, MessageStatus.HELD)
    assert HeldMessage.objects.get(message=late.pk).status == HeldStatus.EXPIRED


def test_who_reads_removed_and_held_messages() -> None:
    room, ann = room_of(), viewer()
    key = inserted_removed(room, ann)
    seen = {}
    for acting_role in ACTING_ROLES:
        with acting(acting_role, user_id=viewer().pk):
            try:
                with transaction.atomic():
                    seen[acting_role] = ChatMessage.objects.filter(pk=key).exists()
            except ProgrammingError:
                seen[acting_role] = None
    readers = {acting_role for acting_role, found in seen.items() if found}
    assert readers == {Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.AUDITOR, Role.WORKER}
    assert seen[Role.VIEWER] is False and seen[Role.SUPPORT] is None


def inserted_removed(room: object, ann: object) -> object:
    message = said(room, ann, "Gone")  # type: ignore[arg-type]
    with as_person(ann):  # type: ignore[arg-type]
        message_remove(message_id=message.pk, actor=ann)  # type: ignore[arg-type]
    return message.pk


def test_moderators_of_a_room_moderate_that_room_alone() -> None:
    room, other, mod, eve = room_of(), room_of(), viewer(), viewer()
    role(room, mod)
    until = timezone.now() + timedelta(minutes=10)
    with as_person(mod):
        ban = room_ban_place(
            performer_id=room.performer_id, person_id=eve.pk, actor=mod, reason="Spam", until=until
        )
        with pytest.raises(NotPermitted):
            room_ban_place(performer_id=other.performer_id, person_id=eve.pk, actor=mod, reason="Spam")
        with pytest.raises(RoomBanRefused, match="already"):
            room_ban_place(performer_id=room.performer_id, person_id=eve.pk, actor=mod, reason="Spam")
        with pytest.raises(RoomBanRefused, match="own rooms"):
            room_ban_place(
                performer_id=room.performer_id, person_id=room.performer_id, actor=mod, reason="Coup"
            )
        room_mode_set(room_id=room.pk, kind=RoomModeKind.SLOW, seconds=5, actor=mod)
        with pytest.raises(RoomRefused, match="1 second to an hour"):
            room_mode_set(room_id=room.pk, kind=RoomModeKind.SLOW, actor=mod)
        blocked_term_add(term="spoiler", actor=mod, room_id=room.pk)
        with pytest.raises(TermRefused, match="already"):
            blocked_term_add(term="SPOILER", actor=mod, room_id=room.pk)
        with pytest.raises(TermRefused, match="Nothing of this term"):
            blocked_term_add(term=" ", actor=mod, room_id=room.pk)
    with as_person(eve), pytest.raises(MessageRefused):
        said(room, eve)
    with as_person(mod):
        room_ban_lift(ban_id=ban.pk, actor=mod)
        blocked_term_end(term_id=BlockedTerm.objects.get().pk, actor=mod)
    assert said(room, eve, "No spoiler")


def test_a_performer_opens_and_closes_and_does_not_show_what_staff_hid() -> None:
    room = room_of()
    with as_performer(room):
        actor = room.performer.user
        room_close(room_id=room.pk, actor=actor)
        assert room_open(stream_id=room.stream_id, actor=actor).pk == room.pk
    with connection.cursor() as cursor:
        cursor.execute("UPDATE engagement_chatroom SET hidden_at = now() WHERE id = %s", [room.pk])
    with as_performer(room), pytest.raises(ProgrammingError, match="denied"), transaction.atomic():
        type(room).objects.filter(pk=room.pk).update(hidden_at=None)


@pytest.mark.parametrize("rows", [1, 20])
def test_the_backlog_asks_the_same_number_of_queries(rows: int, django_assert_num_queries: object) -> None:
    room, ann = room_of(), viewer()
    keys = past(room, ann, rows)
    reply = said(room, ann, "Yes", reply_to_id=keys[0])
    with as_person(viewer()), django_assert_num_queries(2):  # type: ignore[operator]
        page = room_backlog(room_id=room.pk)
    assert [line.message.pk for line in page] == [*keys, reply.pk]
    assert page[-1].answered is not None and page[-1].answered.pk == keys[0]
    assert page[0].sender == ann.handle


def test_the_messages_around_one() -> None:
    room, ann = room_of(), viewer()
    keys = past(room, ann, 40)
    message = ChatMessage.objects.get(pk=keys[25])
    around = [line.message.pk for line in messages_around(message=message)]
    assert around == keys[5:36]


def test_a_hidden_room_is_read_by_staff_and_by_each_sender_what_they_said() -> None:
    room, elsewhere, ann, bob = room_of(), room_of(), viewer(), viewer()
    role(room, bob)
    mine, other = said(room, ann, "Mine"), said(elsewhere, ann, "Elsewhere")
    said(room, bob, "By a moderator")
    lead = staff(Role.LEAD_MODERATOR)
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        room_hide(room_id=room.pk, actor=lead, reason="Slurs all evening")
        assert len(room_backlog(room_id=room.pk)) == 2
    with as_person(ann):
        assert set(ChatMessage.objects.values_list("pk", flat=True)) == {mine.pk, other.pk}
    for reader in (as_person(viewer()), as_performer(room)):
        with reader:
            assert list(ChatMessage.objects.values_list("pk", flat=True)) == [other.pk]
            assert room_backlog(room_id=room.pk) == []
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        room_show(room_id=room.pk, actor=lead, reason="Decided otherwise")
    with as_person(viewer()):
        assert ChatMessage.objects.count() == 3
