"""Erasing a person: what they wrote goes, what others wrote stays; a legal hold keeps all of it."""

from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage

from accounts.choices import UserStatus
from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from core.erasure import erasers
from engagement.models import Attachment, Conversation, DirectMessage
from engagement.services.direct_messages import direct_message_delete, direct_messages_forget
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_moderation import without_triggers
from tests.audit.holds import on_person
from tests.engagement.messages_data import accepted, as_person, scanned, write
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def part() -> Any:
    """What private messages do when somebody is erased."""
    (found,) = [eraser for eraser in erasers() if eraser.name == "private messages"]
    return found


def gone(user: User) -> None:
    """The person as `accounts` leaves them."""
    for change in (
        {"status": UserStatus.CLOSED, "closed_at": user.signed_up_at},
        {"status": UserStatus.ERASED, "erased_at": user.signed_up_at, "handle": None},
    ):
        User.objects.filter(pk=user.pk).update(**change)


def test_what_somebody_wrote_goes_and_what_others_wrote_stays(files: InMemoryStorage) -> None:
    ann, bob = UserFactory(), UserFactory()
    conversation = accepted(ann, bob)
    attachment = scanned(ann, files)
    write(conversation, ann, "zmarker of ann", attachment_ids=[attachment.pk])
    write(conversation, bob, "words of bob")
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        survey = part().survey(ann.pk)
        with refused("not erased"):
            part().erase(ann.pk)
    gone(ann)
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        report = part().erase(ann.pk)
        assert report == survey
        again = part().erase(ann.pk)
    assert {line.table: line.rows for line in report.destroyed} == {
        "engagement_directmessage": 1,
        "engagement_attachment": 1,
        "engagement_conversationmember": 1,
    }
    assert {line.table: line.rows for line in report.kept} == {
        "engagement_directmessage": 2,
        "engagement_conversation": 1,
        "engagement_conversationmember": 1,
    }
    assert report.objects == (attachment.object_key,)
    assert [line.rows for line in again.destroyed] == [0, 0, 0]
    with acting(Role.OWNER):
        assert set(DirectMessage.objects.values_list("body", "status")) == {
            ("", "erased"),
            ("words of bob", "visible"),
        }
        assert not Attachment.objects.exists()
        assert Conversation.objects.exists()
        assert not conversation.members.filter(person=ann).exists()
    with as_person(bob):
        assert [message.body for message in DirectMessage.objects.all()] == ["words of bob"]


def test_a_hold_keeps_words_that_their_sender_deleted() -> None:
    ann, bob = UserFactory(), UserFactory()
    conversation = accepted(ann, bob)
    message = write(conversation, ann, "zmarker under hold")
    with as_person(ann):
        direct_message_delete(message_id=message.pk, actor=ann)
    on_person(bob.pk)
    with acting(Role.OWNER), without_triggers("engagement_directmessage"):
        run("UPDATE engagement_directmessage SET moved_at = now() - interval '31 days'")
    with acting(Role.WORKER):
        assert direct_messages_forget() == 0
    with acting(Role.OWNER):
        assert DirectMessage.objects.get().body == "zmarker under hold"
        with refused("legal hold|at present"):
            run("UPDATE engagement_directmessage SET body = ''")
        with refused("legal hold|at present"):
            run("DELETE FROM engagement_directmessage")
