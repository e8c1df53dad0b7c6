"""Goals: what counts for them, when they are over, and that they agree with the tips."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from billing.services.spend_reversals import spend_reverse
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition, StaleVersion
from engagement.goals import goal_total, goal_totals
from engagement.interaction_choices import GoalStatus
from engagement.interaction_errors import GoalRefused
from engagement.models import Goal, GoalContribution
from engagement.services.goals import (
    goal_cancel,
    goal_change,
    goals_expire,
    goals_fold,
    goals_reach,
    goals_reconcile,
    goals_wrong,
)
from performers.models import PerformerProfile
from tests.accounts.factories import UserFactory
from tests.billing.factories_wallets import granted, performer, tip
from tests.billing.tickets import stream_of
from tests.engagement.interaction_data import as_her, as_viewer, gift_item, give, goal_of, rewritten, say
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def star() -> PerformerProfile:
    return performer()


def test_every_tip_counts_from_the_opening_on(star: PerformerProfile) -> None:
    viewer = granted(1_000)
    tip(viewer, star, 7)
    goal = goal_of(star, 100)
    tip(viewer, star, 30)
    tip(granted(100), star, 12)
    tip(viewer, performer(), 500)
    give(viewer, star, gift_item(10))
    assert goal_total(goal.pk) == 42
    assert goals_fold() == 2
    goal.refresh_from_db()
    assert (goal.counted_tokens, goal_total(goal.pk), goal.version) == (42, 42, 1)
    assert goals_fold() == 0
    assert goals_wrong() == []


def test_a_goal_of_a_stream_counts_tips_during_it(star: PerformerProfile) -> None:
    stream, viewer = stream_of(star), granted(100)
    goal = goal_of(star, 100, stream_id=stream.pk)
    tip(viewer, star, 30)
    tip(viewer, star, 5, stream_id=stream.pk)
    assert goal_total(goal.pk) == 5


def test_a_tip_that_is_taken_back_counts_no_more(star: PerformerProfile) -> None:
    viewer, goal = granted(100), goal_of(star, 100)
    spend = tip(viewer, star, 30)
    tip(viewer, star, 5)
    goals_fold()
    spend_reverse(spend_id=spend.pk, actor=None, reason="a mistake")
    assert goal_total(goal.pk) == 5
    assert sorted(goal.contributions.values_list("tokens", flat=True)) == [-30, 5, 30]
    goals_fold()
    assert goals_wrong() == []


def test_the_tip_that_reaches_it_closes_it(star: PerformerProfile) -> None:
    goal = goal_of(star, 50)
    say(granted(100), star, tokens=49, body="nearly")
    goal.refresh_from_db()
    assert goal.status == GoalStatus.OPEN
    say(granted(100), star, tokens=20, body="now")
    goal.refresh_from_db()
    assert (goal.status, goal_total(goal.pk)) == (GoalStatus.REACHED, 69)
    tip(granted(100), star, 5)
    assert goal_total(goal.pk) == 69
    assert goals_wrong() == []


def test_tips_without_words_reach_it_by_the_job(star: PerformerProfile) -> None:
    goal = goal_of(star, 50)
    tip(granted(100), star, 60)
    assert [reached.pk for reached in goals_reach()] == [goal.pk]
    assert goals_reach() == []


def test_a_goal_expires_at_its_end(star: PerformerProfile) -> None:
    soon = timezone.now() + timedelta(seconds=30)
    goal = goal_of(star, 50, ends_at=soon)
    tip(granted(100), star, 10)
    assert goals_expire() == 0
    rewritten(
        "engagement_goal", "opened_at = now() - interval '2 days', ends_at = now() - interval '1 day'", goal
    )
    tip(granted(100), star, 10)
    assert goal_total(goal.pk) == 10
    assert goals_expire() == 1
    goal.refresh_from_db()
    assert (goal.status, goal.closed_at) == (GoalStatus.EXPIRED, goal.ends_at)


def test_what_was_missed_is_found_and_counted(star: PerformerProfile) -> None:
    goal, viewer = goal_of(star, 100), granted(100)
    tip(viewer, star, 30)
    GoalContribution.objects.all().delete()
    ((found, counted, folded, contributed, tipped),) = goals_wrong()
    assert (found, counted, folded, contributed, tipped) == (goal.pk, 0, 0, 0, 30)
    assert (goals_reconcile(), goals_reconcile()) == (1, 0)
    assert goal_total(goal.pk) == 30
    assert goals_wrong() == []


def test_changes_and_their_history(star: PerformerProfile) -> None:
    goal = goal_of(star, 100)
    with as_her(star):
        changed = goal_change(
            goal_id=goal.pk, title="Two dances", target_tokens=200, actor=star.user, expected_version=1
        )
        with pytest.raises(StaleVersion):
            goal_change(goal_id=goal.pk, title="Three", target_tokens=3, actor=star.user, expected_version=1)
        goal_cancel(goal_id=goal.pk, actor=star.user)
        with pytest.raises(IllegalTransition):
            goal_cancel(goal_id=goal.pk, actor=star.user)
        with pytest.raises(GoalRefused, match="closed"):
            goal_change(goal_id=goal.pk, title="Four", target_tokens=4, actor=star.user)
    assert changed.title == "Two dances"
    assert list(Goal.history.filter(id=goal.pk).values_list("status", "target_tokens")) == [
        ("cancelled", 200),
        ("open", 200),
        ("open", 100),
    ]
    assert goal_of(star).status == GoalStatus.OPEN


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"target": 0}, "1 to"),
        ({"target": 1.5}, "whole numbers"),
        ({"ends_at": timezone.now() - timedelta(days=1)}, "lies in the future"),
        ({"stream_id": "theirs"}, "no such stream"),
    ],
)
def test_goals_that_make_no_sense(star: PerformerProfile, options: dict[str, Any], words: str) -> None:
    if "stream_id" in options:
        options = {"stream_id": stream_of(performer()).pk}
    with pytest.raises(GoalRefused, match=words):
        goal_of(star, **options)
    assert not Goal.objects.exists()


def test_one_goal_at_a_time(star: PerformerProfile) -> None:
    goal_of(star)
    with pytest.raises(GoalRefused, match="a goal already"):
        goal_of(star)


ATTACKS = {
    "a total out of nothing": "UPDATE engagement_goal SET counted_tokens = 100",
    "reached without tips": "UPDATE engagement_goal SET status = 'reached'",
    "a contribution of nobody": "INSERT INTO engagement_goalcontribution (id, goal_id, performer_id, spend_id, tokens) "
    "SELECT uuidv7(), goal_id, performer_id, spend_id, 5 FROM engagement_goalcontribution",
    "a contribution grows": "UPDATE engagement_goalcontribution SET tokens = 1000",
    "a contribution goes": "DELETE FROM engagement_goalcontribution",
    "a goal goes": "DELETE FROM engagement_goal",
    "a goal that opened earlier": "UPDATE engagement_goal SET opened_at = now() - interval '1 year'",
    "the performer counts by herself": "SELECT engagement_goals_fold(1)",
    "it is told of spends that were not": "SELECT billing_spends_made(ARRAY[uuidv7()])",
}


@pytest.mark.parametrize("words", ATTACKS)
@pytest.mark.parametrize("role", [Role.PERFORMER, Role.WORKER])
def test_nobody_moves_a_total_past_the_tips(star: PerformerProfile, words: str, role: Role) -> None:
    goal_of(star, 1_000)
    tip(granted(10), star, 10)
    if role is Role.WORKER and "fold" in ATTACKS[words]:
        return
    with acting(role, user_id=star.pk), refused("permission denied|were given so far|changed"):
        run(ATTACKS[words])
    assert goals_wrong() == []


def test_who_reads_and_writes_what(star: PerformerProfile) -> None:
    goal, viewer = goal_of(star), granted(10)
    tip(viewer, star, 10)
    with as_viewer(UserFactory()):
        assert goal_totals([goal.pk]) == {goal.pk: 10}
        assert Goal.objects.count() == 1
        with refused("permission denied"):
            run("SELECT * FROM engagement_goalcontribution")
    with as_her(performer()):
        assert affected("UPDATE engagement_goal SET status = 'cancelled'") == 0
    moderator: User = UserFactory()
    with acting(Role.MODERATOR, user_id=moderator.pk), refused("were given so far"):
        run("UPDATE engagement_goal SET status = 'reached'")
    with acting(Role.MODERATOR, user_id=star.pk):
        assert affected("UPDATE engagement_goal SET status = 'cancelled'") == 0


def test_totals_are_one_question(star: PerformerProfile) -> None:
    goals = [goal_of(performer()).pk for _ in range(3)]
    with CaptureQueriesContext(connection) as asked:
        assert goal_totals(goals) == dict.fromkeys(goals, 0)
    assert len(asked) == 1
    assert goal_totals([]) == {}
