"""Many at once, on connections of their own: stock, votes, circles, cooldowns and goals."""

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import IllegalTransition
from engagement.goals import goal_total
from engagement.interaction_errors import PollRefused, RaidRefused, RedemptionRefused, VoteRefused
from engagement.models import Goal, GoalContribution, Poll, PollVote, Raid, Redemption, Reward
from engagement.services.goals import goal_cancel, goals_fold, goals_reach, goals_reconcile, goals_wrong
from engagement.services.polls import poll_close, poll_results
from engagement.services.redemptions import redemption_cancel, redemption_fulfil, redemption_reject
from performers.models import PerformerProfile
from tests.accounts.factories import UserFactory
from tests.accounts.test_races import at_once, refusals
from tests.billing.factories_wallets import assert_proven, granted, left, performer, tip
from tests.engagement.interaction_data import (
    as_her,
    as_viewer,
    goal_of,
    poll_of,
    raid,
    redeem,
    reward_of,
    vote,
)
from tests.streams.factories_broadcasting import live

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_stock_is_never_below_zero() -> None:
    star = performer()
    reward, viewers = reward_of(star, tokens=10, stock=3), [granted(10) for _ in range(12)]
    outcomes = at_once(*(lambda viewer=viewer: redeem(viewer, reward) for viewer in viewers))
    assert refusals(outcomes) == [RedemptionRefused] * 9
    reward.refresh_from_db()
    assert (reward.taken, Redemption.objects.count()) == (3, 3)
    # Whoever got none has all tokens.
    assert sorted(sum(tokens for _, tokens, _ in left(viewer)) for viewer in viewers) == [0] * 3 + [10] * 9
    assert_proven()


def test_what_is_given_back_and_what_is_taken_at_once_add_up() -> None:
    star = performer()
    reward, first = reward_of(star, tokens=10, stock=2), granted(40)
    rows = [redeem(first, reward), redeem(granted(10), reward)]

    def reject(row: Redemption) -> Callable[[], Any]:
        def act() -> Any:
            with as_her(star):
                return redemption_reject(redemption_id=row.pk, actor=star.user)

        return act

    others = [granted(10) for _ in range(4)]
    at_once(
        *(reject(row) for row in rows),
        lambda: redeem(first, reward),
        *(lambda viewer=viewer: redeem(viewer, reward) for viewer in others),
    )
    reward.refresh_from_db()
    standing = Redemption.objects.filter(status="pending").count()
    assert reward.taken == standing <= 2
    assert Redemption.objects.filter(status="rejected").count() == 2
    assert_proven()


def test_a_redemption_is_decided_once() -> None:
    star, viewer = performer(), granted(10)
    row = redeem(viewer, reward_of(star, tokens=10, stock=1))

    def hers(service: Callable[..., Any]) -> Any:
        with as_her(star):
            return service(redemption_id=row.pk, actor=star.user)

    def his() -> Any:
        with as_viewer(viewer):
            return redemption_cancel(redemption_id=row.pk, actor=viewer)

    outcomes = at_once(
        lambda: hers(redemption_fulfil), lambda: hers(redemption_reject), his, lambda: hers(redemption_reject)
    )
    assert refusals(outcomes) == [IllegalTransition] * 3
    row.refresh_from_db()
    fulfilled = row.status == "fulfilled"
    assert left(viewer) == [("promotional", 0 if fulfilled else 10, 0)]
    assert Reward.objects.get().taken == (1 if fulfilled else 0)
    assert_proven()


def test_a_cooldown_holds_for_clicks_at_once() -> None:
    star, viewer = performer(), UserFactory()
    personal = reward_of(star, person_cooldown=3600)
    outcomes = at_once(*(lambda: redeem(viewer, personal) for _ in range(6)))
    assert refusals(outcomes) == [RedemptionRefused] * 5
    shared = reward_of(star, shared_cooldown=3600)
    outcomes = at_once(*(lambda: redeem(UserFactory(), shared) for _ in range(6)))
    assert refusals(outcomes) == [RedemptionRefused] * 5


def test_one_key_at_once_is_one_redemption() -> None:
    star, viewer = performer(), granted(100)
    reward = reward_of(star, tokens=10)
    outcomes = at_once(*(lambda: redeem(viewer, reward, "once") for _ in range(6)))
    assert refusals(outcomes) == []
    assert len({outcome.pk for outcome in outcomes}) == 1
    assert Redemption.objects.count() == 1
    assert left(viewer) == [("promotional", 90, 0)]
    assert redeem(viewer, reward, "once").pk == Redemption.objects.get().pk


def test_a_person_votes_once_however_often_they_click() -> None:
    poll, viewer = poll_of(performer()), UserFactory()
    outcomes = at_once(*(lambda place=place: vote(viewer, poll, 1 + place % 3) for place in range(9)))
    assert refusals(outcomes) == [VoteRefused] * 8
    assert PollVote.objects.count() == 1


def test_every_vote_before_the_end_is_counted_and_none_after_it() -> None:
    star = performer()
    poll, voters = poll_of(star), [UserFactory() for _ in range(10)]

    def close() -> Poll:
        with as_her(star):
            return poll_close(poll_id=poll.pk, actor=star.user)

    outcomes = at_once(
        *(lambda viewer=viewer: vote(viewer, poll, 1) for viewer in voters[:5]),
        close,
        *(lambda viewer=viewer: vote(viewer, poll, 1) for viewer in voters[5:]),
    )
    assert set(refusals(outcomes)) <= {VoteRefused}
    assert list(poll_results(poll_id=poll.pk).values()) == [PollVote.objects.count(), 0, 0]
    assert PollVote.objects.count() == 10 - len(refusals(outcomes))


def test_one_goal_and_one_poll_are_opened_at_once() -> None:
    star = performer()
    assert len(refusals(at_once(*(lambda: goal_of(star) for _ in range(4))))) == 3
    assert refusals(at_once(*(lambda: poll_of(star) for _ in range(4)))) == [PollRefused] * 3


def on_air() -> PerformerProfile:
    return live()[0].performer


def test_raids_at_once_make_no_circle() -> None:
    ring = [on_air() for _ in range(4)]
    outcomes = at_once(
        *(lambda pair=pair: raid(*pair) for pair in zip(ring, [*ring[1:], ring[0]], strict=True))
    )
    assert refusals(outcomes) == [RaidRefused]
    assert Raid.objects.count() == 3


def test_goals_agree_with_tips_while_they_are_given_folded_and_closed() -> None:
    star = performer()
    goal, viewers = goal_of(star, 10_000), [granted(100) for _ in range(8)]

    def give(viewer: Any) -> None:
        for number in range(1, 6):
            tip(viewer, star, number)

    def fold() -> None:
        for _ in range(6):
            goals_fold(batch=7)

    def cancel() -> Goal:
        with as_her(star):
            return goal_cancel(goal_id=goal.pk, actor=star.user)

    outcomes = at_once(*(lambda viewer=viewer: give(viewer) for viewer in viewers), fold, fold, cancel)
    assert refusals(outcomes) == []
    goals_reconcile()
    while goals_fold():
        pass
    goal.refresh_from_db()
    assert goals_wrong() == []
    assert goal.counted_tokens == sum(GoalContribution.objects.values_list("tokens", flat=True))
    assert goal.counted_tokens == goal_total(goal.pk) <= 8 * 15


def test_a_goal_is_reached_once() -> None:
    star = performer()
    goal = goal_of(star, 40)
    outcomes = at_once(
        *(lambda viewer=viewer: tip(viewer, star, 10) for viewer in [granted(10) for _ in range(4)])
    )
    assert refusals(outcomes) == []
    found = at_once(*(lambda: goals_reach(performer_id=star.pk) for _ in range(4)))
    assert refusals(found) == []
    assert sum(len(reached) for reached in found) == 1
    goal.refresh_from_db()
    assert goal.status == "reached"
