"""What one area of engagement does when something happens in another."""

import pytest

from core.db.context import acting
from core.db.roles import Role
from engagement.chat_choices import MessageKind
from engagement.models import ChatMessage, ChatRoom, NotificationEvent, TipMessage
from engagement.services.blocked_terms import blocked_term_add
from engagement.services.chat_messages import chat_message_send
from engagement.services.follows import follow_begin, follow_end
from engagement.services.tip_messages import tip_message_send
from tests.accounts.factories import UserFactory, staff
from tests.billing.factories_wallets import bought
from tests.engagement.chat_data import as_person, banned, said
from tests.streams.factories_broadcasting import live

pytestmark = pytest.mark.django_db


def _told(trigger: str) -> list[tuple[str, dict]]:
    found = NotificationEvent.objects.filter(trigger__code=trigger)
    return [(str(event.recipients[0]), event.variables) for event in found]


def _tip(viewer, stream, body: str, key: str = "one") -> TipMessage:
    with as_person(viewer):
        return tip_message_send(
            viewer_id=viewer.pk,
            performer_id=stream.performer_id,
            tokens=7,
            body=body,
            idempotency_key=key,
            actor=viewer,
            stream_id=stream.pk,
        )


def test_the_chat_shows_what_is_said_with_a_tip_once() -> None:
    (stream, _), viewer = live(), bought(100)
    for _ in range(2):
        _tip(viewer, stream, "Bravo!")
    line = ChatMessage.objects.get()
    assert (line.kind, line.sender_id, line.body) == (MessageKind.TIP, viewer.pk, "Bravo!")


def test_a_tip_stands_although_the_chat_does_not_show_its_words() -> None:
    (stream, _), rude, unwanted = live(), bought(100), bought(100)
    lead = staff(Role.LEAD_MODERATOR)
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        blocked_term_add(term="blubber", actor=lead)
    _tip(rude, stream, "bl\u00fcbber")
    banned(ChatRoom.objects.get(stream=stream), unwanted)
    _tip(unwanted, stream, "Let me in", key="two")
    assert TipMessage.objects.count() == 2
    assert not ChatMessage.objects.exists()


def test_whoever_is_answered_is_told_and_nobody_of_themselves() -> None:
    (stream, _), ann, bob = live(), UserFactory(), UserFactory()
    room = ChatRoom.objects.get(stream=stream)
    first = said(room, ann)
    with as_person(bob):
        chat_message_send(room_id=room.pk, sender=bob, body="I think so, too", reply_to_id=first.pk)
    with as_person(ann):
        chat_message_send(room_id=room.pk, sender=ann, body="And I mean it", reply_to_id=first.pk)
    performer = stream.performer.stage_name
    assert _told("chat_reply") == [(str(ann.pk), {"sender": str(bob), "performer": performer})]


def test_a_performer_hears_of_a_follower_once() -> None:
    (stream, _), ann = live(), UserFactory()
    with as_person(ann):
        follow_begin(performer_id=stream.performer_id, actor=ann)
        follow_end(performer_id=stream.performer_id, actor=ann)
        follow_begin(performer_id=stream.performer_id, actor=ann)
    assert _told("new_follower") == [(str(stream.performer_id), {"follower": str(ann)})]
