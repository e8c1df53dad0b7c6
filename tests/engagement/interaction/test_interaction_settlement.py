"""The job of every minute, and the demo."""

from io import StringIO

import pytest
from django.core.management import call_command

from engagement.datasets.demo_interaction import demo_interaction_load
from engagement.models import Goal, Poll, PollVote, Redemption, Reward, TipMessage
from engagement.services.goals import goals_wrong
from engagement.services.interaction_settlement import interactions_settle
from tests.accounts.factories import UserFactory
from tests.billing.factories_wallets import assert_proven, granted, performer, tip
from tests.engagement.interaction_data import goal_of, poll_of, redeem, reward_of, rewritten, vote
from tests.performers.factories_admission import verified

pytestmark = pytest.mark.django_db

NOTHING = {
    "missed": 0,
    "folded": 0,
    "reached": 0,
    "expired": 0,
    "closed": 0,
    "called_off": 0,
    "given_back": 0,
}


def test_a_minute_settles_everything_that_is_due_and_the_next_nothing() -> None:
    star, other, viewer = performer(), performer(), granted(100)
    goal, late, poll = goal_of(star, 10), goal_of(other, 10), poll_of(star)
    tip(viewer, star, 30)
    vote(viewer, poll, 1)
    old = redeem(viewer, reward_of(star, tokens=5))
    rewritten("engagement_poll", "closes_at = now() - interval '1 second'", poll)
    rewritten("engagement_redemption", "redeemed_at = now() - interval '31 days'", old)
    rewritten(
        "engagement_goal", "opened_at = now() - interval '2 days', ends_at = now() - interval '1 day'", late
    )
    assert interactions_settle() == {
        **NOTHING,
        "folded": 1,
        "reached": 1,
        "expired": 1,
        "closed": 1,
        "given_back": 1,
    }
    assert interactions_settle() == NOTHING
    goal.refresh_from_db()
    assert (goal.status, goal.counted_tokens) == ("reached", 30)
    assert goals_wrong() == []
    assert_proven()


def test_it_is_a_command() -> None:
    said = StringIO()
    call_command("interactions_settle", stdout=said)
    assert "0 reached" in said.getvalue()


def test_the_demo_is_loaded_once() -> None:
    assert demo_interaction_load() == "nobody to interact, or to interact with"
    performers = [verified(), verified()]
    for _ in range(5):
        UserFactory()
    words = demo_interaction_load()
    assert "tips with words" in words and "rewards redeemed" in words
    assert demo_interaction_load() == "there before"
    assert {goal.performer_id for goal in Goal.objects.all()} <= {row.pk for row in performers}
    assert Poll.objects.get().status == "closed"
    assert PollVote.objects.count() == TipMessage.objects.count() > 0
    assert Reward.objects.count() == 2
    assert Redemption.objects.filter(status="fulfilled").exists()
    assert goals_wrong() == []
    assert_proven()
