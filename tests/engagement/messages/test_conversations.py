"""Conversations: opened once, asked, accepted, declined, read."""

import pytest
from django.db import connection

from accounts.choices import RestrictionKind, UserStatus
from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition
from core.models.identity import uuid7
from engagement.errors import ConversationRefused, PrivateMessageRefused
from engagement.message_choices import MemberState
from engagement.message_triggers import OPENED_DAILY, REQUEST_MESSAGES
from engagement.models import Block, Conversation, ConversationMember
from engagement.services.conversations import (
    conversation_accept,
    conversation_decline,
    conversation_open,
    conversation_read,
)
from tests.accounts.factories import RestrictionFactory, UserFactory
from tests.engagement.messages_data import accepted, as_person, opened, write
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def place(conversation: Conversation, person: User) -> ConversationMember:
    """Somebody's row, as the owner sees it."""
    with acting(Role.OWNER):
        return conversation.members.get(person=person)


def test_two_people_have_one_conversation_whoever_opens_it() -> None:
    ann, bob = UserFactory(), UserFactory()
    first = opened(ann, bob)
    assert opened(bob, ann) == first == opened(ann, bob)
    assert (place(first, ann).state, place(first, bob).state) == ("accepted", "requested")
    assert place(first, bob).answered_at is None
    assert place(first, ann).other_id == bob.pk


def test_nobody_writes_to_themselves() -> None:
    ann = UserFactory()
    with pytest.raises(ConversationRefused, match="themselves"):
        opened(ann, ann)
    with as_person(ann), refused("order_check"):
        run(
            "INSERT INTO engagement_conversation (first_person_id, second_person_id, started_by_id) "
            "VALUES (%s, %s, %s)",
            [ann.pk, ann.pk, ann.pk],
        )


@pytest.mark.parametrize(
    "status", [UserStatus.CLOSED, UserStatus.SUSPENDED, UserStatus.ERASED, UserStatus.PENDING]
)
def test_who_is_gone_or_shut_out_is_not_written_to(status: UserStatus) -> None:
    with pytest.raises(ConversationRefused, match="cannot be written to"):
        opened(UserFactory(), UserFactory(status=status))


def test_a_block_in_either_direction_looks_like_a_closed_account() -> None:
    ann, bob = UserFactory(), UserFactory()
    with as_person(bob):
        Block.objects.create(blocker=bob, blocked=ann)
    for one, other in ((ann, bob), (bob, ann)):
        with pytest.raises(ConversationRefused, match="^This person cannot be written to.$"):
            opened(one, other)


def test_somebody_unknown_cannot_be_written_to() -> None:
    ann = UserFactory()
    with as_person(ann), pytest.raises(ConversationRefused):
        conversation_open(with_id=uuid7(), actor=ann)


def test_who_is_barred_from_messages_opens_none() -> None:
    ann, bob = UserFactory(), UserFactory()
    RestrictionFactory(user=ann, kind=RestrictionKind.MESSAGE)
    with pytest.raises(ConversationRefused, match="barred"):
        opened(ann, bob)
    RestrictionFactory(user=bob, kind=RestrictionKind.CHAT)
    assert opened(bob, UserFactory())


def test_nobody_opens_more_than_so_many_within_a_day() -> None:
    ann = UserFactory()
    others = UserFactory.create_batch(OPENED_DAILY)
    for other in others:
        opened(ann, other)
    assert opened(ann, others[0]), "one that is open already counts for nothing"
    with pytest.raises(ConversationRefused, match="within a day"):
        opened(ann, UserFactory())
    assert opened(UserFactory(), ann)


def test_a_request_is_answered_by_accepting_or_by_writing() -> None:
    ann, bob = UserFactory(), UserFactory()
    conversation = opened(ann, bob)
    write(conversation, ann)
    assert ConversationMember.objects.requests_of(bob.pk).count() == 1
    assert ConversationMember.objects.inbox_of(bob.pk).count() == 0
    write(conversation, bob)
    mine = place(conversation, bob)
    assert (mine.state, mine.answered_at is not None) == ("accepted", True)
    assert ConversationMember.objects.inbox_of(bob.pk).get() == mine


def test_before_an_answer_only_a_few_messages_are_taken() -> None:
    ann, bob = UserFactory(), UserFactory()
    conversation = opened(ann, bob)
    for number in range(REQUEST_MESSAGES):
        write(conversation, ann, f"Hello {number}")
    with pytest.raises(PrivateMessageRefused, match="Wait until"):
        write(conversation, ann)
    with as_person(bob):
        conversation_accept(conversation_id=conversation.pk, actor=bob)
    assert write(conversation, ann)


def test_a_declined_conversation_takes_nothing_until_it_is_taken_up_again() -> None:
    ann, bob = UserFactory(), UserFactory()
    conversation = opened(ann, bob)
    write(conversation, ann)
    with as_person(bob):
        conversation_decline(conversation_id=conversation.pk, actor=bob)
        conversation_decline(conversation_id=conversation.pk, actor=bob)
    with pytest.raises(PrivateMessageRefused, match="^This person cannot be written to.$"):
        write(conversation, ann)
    write(conversation, bob, "All right, then.")
    assert place(conversation, bob).state == MemberState.ACCEPTED
    assert write(conversation, ann)


def test_nobody_answers_for_somebody_else() -> None:
    ann, bob, eve = UserFactory.create_batch(3)
    conversation = opened(ann, bob)
    with as_person(eve), pytest.raises(NotThere):
        conversation_accept(conversation_id=conversation.pk, actor=eve)
    with as_person(ann):
        assert (
            run(
                "UPDATE engagement_conversationmember SET state = 'accepted' WHERE person_id = %s RETURNING 1",
                [bob.pk],
            )
            == []
        )
        with refused("permission denied"):
            run("UPDATE engagement_conversationmember SET answered_at = now()")
        with refused("permission denied"):
            run("UPDATE engagement_conversationmember SET request_messages = 0")


def test_an_answer_is_not_unsaid() -> None:
    with pytest.raises(IllegalTransition):
        ConversationMember.status_machine.check("accepted", "requested")
    ann, bob = UserFactory(), UserFactory()
    accepted(ann, bob)
    with as_person(bob), refused("cannot move"):
        run("UPDATE engagement_conversationmember SET state = 'requested'")


def test_what_was_read_stays_read_and_never_lies_ahead() -> None:
    ann, bob = UserFactory(), UserFactory()
    conversation = accepted(ann, bob)
    first, second = write(conversation, ann, "One"), write(conversation, ann, "Two")
    assert place(conversation, bob).has_unread
    assert not place(conversation, ann).has_unread, "who writes has read"
    assert ConversationMember.objects.unread_of(bob.pk).count() == 1
    with as_person(bob):
        conversation_read(conversation_id=conversation.pk, up_to_id=second.pk, actor=bob)
        conversation_read(conversation_id=conversation.pk, up_to_id=first.pk, actor=bob)
        with pytest.raises(ConversationRefused, match="not written yet"):
            conversation_read(conversation_id=conversation.pk, up_to_id=uuid7(), actor=bob)
        run("UPDATE engagement_conversationmember SET last_read_id = NULL")
    assert place(conversation, bob).last_read_id == second.pk
    assert ConversationMember.objects.unread_of(bob.pk).count() == 0


def test_an_id_is_of_its_time() -> None:
    ann, bob = UserFactory(), UserFactory()
    first, second = sorted((ann.pk, bob.pk))
    with as_person(ann), refused("of the time at which"):
        run(
            "INSERT INTO engagement_conversation (id, first_person_id, second_person_id, started_by_id) "
            "VALUES (uuidv7(interval '-2 days'), %s, %s, %s)",
            [first, second, ann.pk],
        )


def test_the_people_of_a_conversation_never_change() -> None:
    conversation = accepted()
    with acting(Role.OWNER):
        with refused("cannot be changed"):
            run(
                "UPDATE engagement_conversation SET started_by_id = second_person_id, second_person_id = %s "
                "WHERE id = %s",
                [UserFactory().pk, conversation.pk],
            )
        with refused("cannot be changed"):
            run("UPDATE engagement_conversationmember SET other_id = %s", [UserFactory().pk])
    assert connection.in_atomic_block
