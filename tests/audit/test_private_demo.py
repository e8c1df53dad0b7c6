"""Private messages of the demo, and the one that is reported: a second run changes nothing."""

import pytest

from audit.demo_private_messages import demo_report_load
from audit.models import Case, PrivateCopy
from core.db.context import acting
from core.db.roles import Role
from engagement.message_demo import UNWANTED, VIEWERS, demo_messages_load
from engagement.models import ConversationMember, DirectMessage
from tests.accounts.factories import UserFactory
from tests.performers.factories_admission import verified

pytestmark = pytest.mark.django_db


def test_conversations_in_every_state_and_a_case_once() -> None:
    assert demo_messages_load() == "nobody to write, or to write to"
    for _ in range(2):
        verified()
    UserFactory.create_batch(VIEWERS)
    demo_messages_load()
    with acting(Role.OWNER):
        written = DirectMessage.objects.count()
        states = set(ConversationMember.objects.values_list("state", flat=True))
    assert written > VIEWERS
    assert states == {"requested", "accepted", "declined"}
    assert demo_messages_load() == "there before"
    assert demo_report_load() == "a private message was reported"
    assert demo_report_load() == "there before"
    assert Case.objects.get().subject_kind == "direct_message"
    with acting(Role.OWNER):
        assert DirectMessage.objects.count() == written
        assert PrivateCopy.objects.get(position=0).body == UNWANTED[-1]
