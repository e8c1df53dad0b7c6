"""Two at once, on connections of their own: one conversation, no file sent twice, no message into what was declined."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from engagement.errors import PrivateMessageRefused
from engagement.message_triggers import REQUEST_MESSAGES
from engagement.models import Conversation, ConversationMember, DirectMessage
from engagement.services.conversations import conversation_decline
from tests.accounts.factories import UserFactory
from tests.accounts.test_races import at_once, refusals
from tests.engagement.messages_data import accepted, as_person, opened, scanned, write

pytestmark = pytest.mark.django_db(transaction=True)


def writing(
    conversation: Conversation, sender: User, body: str = "Hello", **options: Any
) -> Callable[[], Any]:
    """Somebody who is about to write."""
    return lambda: write(conversation, sender, body, **options)


def test_two_people_open_one_conversation_at_the_same_moment() -> None:
    ann, bob = UserFactory(), UserFactory()
    outcomes = at_once(*(lambda pair=pair: opened(*pair) for pair in ((ann, bob), (bob, ann), (ann, bob))))
    assert refusals(outcomes) == []
    assert len({conversation.pk for conversation in outcomes}) == 1
    with acting(Role.OWNER):
        assert Conversation.objects.count() == 1
        assert ConversationMember.objects.count() == 2


def test_messages_of_both_at_once_all_arrive_and_the_newest_is_pointed_at() -> None:
    ann, bob = UserFactory(), UserFactory()
    conversation = accepted(ann, bob)
    outcomes = at_once(*(writing(conversation, sender, f"{n}") for n in range(4) for sender in (ann, bob)))
    assert refusals(outcomes) == []
    newest = max(message.pk for message in outcomes)
    with acting(Role.OWNER):
        assert DirectMessage.objects.count() == 8
        assert set(ConversationMember.objects.values_list("last_message", flat=True)) == {newest}


def test_a_request_takes_no_more_than_its_messages_however_many_come_at_once() -> None:
    ann, bob = UserFactory(), UserFactory()
    conversation = opened(ann, bob)
    outcomes = at_once(*(writing(conversation, ann, f"{n}") for n in range(REQUEST_MESSAGES + 3)))
    assert refusals(outcomes) == [PrivateMessageRefused] * 3
    with acting(Role.OWNER):
        assert DirectMessage.objects.count() == REQUEST_MESSAGES


def test_a_file_is_sent_with_one_of_two_messages(files: InMemoryStorage) -> None:
    ann, bob, eve = UserFactory.create_batch(3)
    attachment = scanned(ann, files)
    outcomes = at_once(
        *(writing(accepted(ann, other), ann, "look", attachment_ids=[attachment.pk]) for other in (bob, eve))
    )
    assert refusals(outcomes) == [PrivateMessageRefused]
    with acting(Role.OWNER):
        assert DirectMessage.objects.count() == 1


def test_nothing_is_written_into_what_is_declined_at_the_same_moment() -> None:
    ann, bob = UserFactory(), UserFactory()
    conversation = accepted(ann, bob)

    def decline() -> Any:
        with as_person(bob):
            return conversation_decline(conversation_id=conversation.pk, actor=bob)

    declined, written = at_once(decline, writing(conversation, ann))
    with acting(Role.OWNER):
        member = ConversationMember.objects.get(person=bob)
        arrived = DirectMessage.objects.count()
    assert not isinstance(declined, Exception)
    assert (member.state, arrived) == ("declined", 0 if isinstance(written, PrivateMessageRefused) else 1)
    with pytest.raises(PrivateMessageRefused):
        write(conversation, ann)
