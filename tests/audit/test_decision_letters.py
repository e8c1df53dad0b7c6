"""Letters of moderation go out as notifications: mandatory, in the app and by mail, with the words of the letter."""

from uuid import UUID

import pytest

from accounts.models import User
from audit.models import DecisionNotification
from audit.moderation_choices import EffectKind
from core.db.roles import Role
from engagement.models import NotificationEvent
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_decisions import make_case, no_violation, person_of, reverse, violation
from tests.audit.factories_moderation import make_archive
from tests.engagement.notifications_data import spread
from tests.engagement.notifications_data import told as notified

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator() -> User:
    return staff(Role.MODERATOR)


def letters(person_id: UUID) -> list[NotificationEvent]:
    """Those of one person, oldest first."""
    return list(
        NotificationEvent.objects.filter(
            trigger__category="legal", recipients__contains=[person_id]
        ).order_by("pk")
    )


def test_a_decision_and_its_reversal_are_delivered_to_the_person(moderator: User) -> None:
    case = make_case(make_archive(), "archive")
    decision = violation(case, moderator, EffectKind.ARCHIVE_REMOVE)
    person = person_of(case)
    kept = DecisionNotification.objects.get(recipient=person)
    (letter,) = letters(person.pk)
    assert letter.trigger.code == "moderation_decision"
    assert letter.trigger.is_mandatory
    assert letter.variables == {"what": "Statement of reasons", "words": kept.words}
    # Nobody learns from it who decided.
    assert letter.actor_id is None
    spread(letter)
    (notification,) = notified(person)
    assert notification.title == "Statement of reasons"
    assert notification.deep_link == "/account/decisions"
    reverse(decision, staff(Role.LEAD_MODERATOR))
    assert [event.variables["what"] for event in letters(person.pk)] == [
        "Statement of reasons",
        "Reversal of a decision",
    ]


def test_who_reported_hears_of_the_outcome(moderator: User) -> None:
    reporter = UserFactory()
    decision = no_violation(make_case(make_archive(), "archive", reporter=reporter), moderator)
    kept = DecisionNotification.objects.get(recipient=reporter, decision=decision)
    (letter,) = letters(reporter.pk)
    assert letter.variables == {"what": "Outcome of a report", "words": kept.words}
