"""Private messages: what may be written, by whom, deleted, forgotten."""

from typing import Any

import pytest
from django.db import transaction

from accounts.choices import RestrictionKind
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition
from core.models.identity import uuid7
from engagement.errors import PrivateMessageRefused
from engagement.message_text import LONGEST_BODY
from engagement.models import Block, Conversation, DirectMessage, NotificationEvent
from engagement.services.direct_messages import (
    direct_message_delete,
    direct_message_send,
    direct_messages_forget,
)
from engagement.services.mutes import mute_place
from tests.accounts.factories import RestrictionFactory, UserFactory
from tests.audit.factories_moderation import without_triggers
from tests.engagement.messages_data import accepted, as_person, write
from tests.engagement.notifications_data import spread, told
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

BAD = {
    "empty": "",
    "blank": " \t\n ",
    "too_long": "a" * (LONGEST_BODY + 1),
    "nul": "a\0b",
    "bell": "a\x07b",
    "override": "pay \u202egnp.exe",
    "isolate": "a\u2066b\u2069",
    "mark": "\u200fa",
    "marks_alone": "\u0301\u0302\u0488",
    "hebrew_points_alone": "\u05b0\u05b1",
    "width_none": "\u200b",
    "filler": "\u3164",
    "lone_surrogate": "a\ud800",
}


@pytest.fixture
def two() -> tuple[Any, Any, Conversation]:
    """Two people who accepted one another."""
    ann, bob = UserFactory(), UserFactory()
    return ann, bob, accepted(ann, bob)


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_refused_and_nothing_is_written(two: Any, name: str) -> None:
    ann, _, conversation = two
    with pytest.raises(PrivateMessageRefused):
        write(conversation, ann, BAD[name])
    with acting(Role.OWNER):
        assert not DirectMessage.objects.exists()
        assert conversation.members.filter(last_message__isnull=False).count() == 0


@pytest.mark.parametrize("name", sorted(set(BAD) - {"nul", "lone_surrogate", "hebrew_points_alone"}))
def test_the_database_refuses_it_too(two: Any, name: str) -> None:
    ann, bob, conversation = two
    with as_person(ann), refused("_check"):
        run(
            "INSERT INTO engagement_directmessage (conversation_id, sender_id, recipient_id, body) "
            "VALUES (%s, %s, %s, %s)",
            [conversation.pk, ann.pk, bob.pk, BAD[name]],
        )


@pytest.mark.parametrize(
    "body",
    [
        "Hello",
        "שלום",
        "\u0633\u0644\u0627\u0645 \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "👩\u200d👩\u200d👧",
        "e\u0301",
        "a" * LONGEST_BODY,
        "one\ntwo",
        "\u05b0\u05d0",
        "💥",
    ],
)
def test_every_script_is_taken_in_its_normal_form(two: Any, body: str) -> None:
    ann, bob, conversation = two
    write(conversation, ann, f"  {body}\n")
    with as_person(bob):
        kept = DirectMessage.objects.get()
        assert kept.body == {"e\u0301": "é"}.get(body, body)
        assert (kept.sender_id, kept.recipient_id) == (ann.pk, bob.pk)


def test_an_unnormalised_text_is_refused_by_the_database(two: Any) -> None:
    ann, bob, conversation = two
    with as_person(ann), refused("body_normal_check"):
        run(
            "INSERT INTO engagement_directmessage (conversation_id, sender_id, recipient_id, body) "
            "VALUES (%s, %s, %s, %s)",
            [conversation.pk, ann.pk, bob.pk, "e\u0301"],
        )


def test_a_message_costs_three_statements_beside_its_savepoint(
    two: Any, django_assert_num_queries: Any
) -> None:
    ann, _, conversation = two
    write(conversation, ann, "The first one, of which he is told")
    with as_person(ann), django_assert_num_queries(7) as asked:
        direct_message_send(conversation_id=conversation.pk, sender=ann, body="Hello")
    assert sum(query["sql"].startswith("INSERT") for query in asked) == 1
    assert sum("SAVEPOINT" in query["sql"] for query in asked) == 4


def test_the_recipient_is_told_once_and_not_by_whom(two: Any) -> None:
    ann, bob, conversation = two
    first = write(conversation, ann, "Hello")
    write(conversation, ann, "Are you there?")
    event = NotificationEvent.objects.get()
    assert (event.recipients, event.actor_id, event.variables) == ([bob.pk], None, {})
    assert (event.idempotency_key, event.deep_link) == (str(first.pk), "/messages")
    spread(event)
    assert [each.title for each in told(bob)] == ["You have a new private message"]
    write(conversation, bob, "Yes")
    write(conversation, ann, "Good")
    assert [each.recipients for each in NotificationEvent.objects.order_by("pk")] == [
        [bob.pk],
        [ann.pk],
        [bob.pk],
    ]


def test_who_is_muted_writes_unheard_and_nobody_tells_of_others_messages(two: Any) -> None:
    ann, bob, conversation = two
    with as_person(bob):
        mute_place(actor=bob, person_id=ann.pk)
    message = write(conversation, ann, "Hello")
    eve = UserFactory()
    for person in (bob, eve):
        with as_person(person):
            assert run("SELECT engagement_direct_message_tell(%s)", [message.pk]) == [(None,)]
    assert not NotificationEvent.objects.exists()


def test_nobody_writes_into_a_conversation_of_others(two: Any) -> None:
    eve = UserFactory()
    with pytest.raises(PrivateMessageRefused, match="no such conversation"):
        write(two[2], eve)
    with as_person(eve), pytest.raises(PrivateMessageRefused, match="no such conversation"):
        direct_message_send(conversation_id=uuid7(), sender=eve, body="Hello")


def test_who_is_barred_writes_nothing_by_any_way(two: Any) -> None:
    ann, bob, conversation = two
    RestrictionFactory(user=ann, kind=RestrictionKind.MESSAGE)
    with pytest.raises(PrivateMessageRefused, match="barred"):
        write(conversation, ann)
    with as_person(ann), refused("barred"):
        run(
            "INSERT INTO engagement_directmessage (conversation_id, sender_id, recipient_id, body) "
            "VALUES (%s, %s, %s, 'hello')",
            [conversation.pk, ann.pk, bob.pk],
        )
    assert write(conversation, bob)


def test_a_block_ends_a_conversation_in_both_directions(two: Any) -> None:
    ann, bob, conversation = two
    write(conversation, ann)
    with as_person(bob):
        block = Block.objects.create(blocker=bob, blocked=ann)
    for sender in (ann, bob):
        with pytest.raises(PrivateMessageRefused, match="^This person cannot be written to.$"):
            write(conversation, sender)
    with as_person(bob):
        assert DirectMessage.objects.count() == 1, "what was written stays"
        run("UPDATE engagement_block SET ended_at = now() WHERE id = %s", [block.pk])
    assert write(conversation, ann)


def test_a_deleted_message_is_gone_for_the_other_one_and_its_words_stay_a_while(two: Any) -> None:
    ann, bob, conversation = two
    message = write(conversation, ann, "I should not have said this")
    with as_person(bob), pytest.raises(NotThere):
        direct_message_delete(message_id=message.pk, actor=bob)
    with as_person(ann):
        direct_message_delete(message_id=message.pk, actor=ann)
        with pytest.raises(IllegalTransition):
            direct_message_delete(message_id=message.pk, actor=ann)
        assert DirectMessage.objects.get().moved_at is not None
    with as_person(bob):
        assert not DirectMessage.objects.exists()
        assert run("SELECT body FROM engagement_directmessage") == []
    with acting(Role.WORKER):
        assert direct_messages_forget() == 0
    aged(message)
    with acting(Role.WORKER):
        assert direct_messages_forget() == 1
        assert direct_messages_forget() == 0
    with acting(Role.OWNER):
        assert DirectMessage.objects.values_list("body", "status").get() == ("", "deleted")


def aged(message: DirectMessage) -> None:
    """As if it had been deleted 31 days ago."""
    with acting(Role.OWNER), without_triggers("engagement_directmessage"):
        run(
            "UPDATE engagement_directmessage SET moved_at = now() - interval '31 days' WHERE id = %s",
            [message.pk],
        )


def test_a_page_is_read_backwards_by_key(two: Any) -> None:
    ann, bob, conversation = two
    written = [write(conversation, ann, f"Number {number}") for number in range(5)]
    with as_person(bob):
        first = list(DirectMessage.objects.page_of(conversation.pk)[:2])
        rest = list(DirectMessage.objects.page_of(conversation.pk, before=first[-1].pk))
    assert [message.pk for message in (*first, *rest)] == [message.pk for message in reversed(written)]


def test_a_message_that_is_not_kept_points_at_nothing(two: Any) -> None:
    ann, _, conversation = two
    with as_person(ann), pytest.raises(ZeroDivisionError), transaction.atomic():
        direct_message_send(conversation_id=conversation.pk, sender=ann, body="Hello")
        raise ZeroDivisionError
    with acting(Role.OWNER):
        assert not conversation.members.filter(last_message__isnull=False).exists()
