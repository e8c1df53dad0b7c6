"""Whatever happens to rewards, goals and polls in whatever order: stock, tokens, totals and votes add up."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from billing.models import TokenSpend
from billing.services.spend_reversals import spend_reverse
from core.db.states import StateMachine
from core.errors import Refused
from engagement.goals import goal_total
from engagement.models import Goal, Poll, PollVote, Raid, Redemption, Reward
from engagement.services.goals import goal_cancel, goals_fold, goals_reach, goals_wrong
from engagement.services.polls import poll_close, poll_results
from engagement.services.redemptions import redemption_cancel, redemption_fulfil, redemption_reject
from engagement.services.rewards import reward_change, reward_retire
from tests.accounts.factories import UserFactory
from tests.billing.factories_wallets import assert_proven, granted, performer, tip
from tests.engagement.interaction_data import as_her, as_viewer, goal_of, poll_of, redeem, reward_of, vote

pytestmark = pytest.mark.django_db

MANY = settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@contextmanager
def perhaps() -> Iterator[None]:
    """Do it, or leave nothing behind."""
    try:
        with transaction.atomic():
            yield
    except Refused:
        return


REWARD_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["redeem", "redeem", "redeem", "fulfil", "reject", "cancel", "reverse", "restock", "retire"]
        ),
        st.integers(0, 1),
        st.integers(0, 6),
    ),
    min_size=3,
    max_size=18,
)


class Shop:
    """Two viewers, two rewards, and what happens."""

    def __init__(self) -> None:
        self.star = performer()
        self.viewers = [granted(60), granted(60)]
        self.rewards = [
            reward_of(self.star, tokens=10, stock=2),
            reward_of(self.star, tokens=5, person_cooldown=3600),
        ]

    def redeem(self, viewer: User, which: int) -> None:
        redeem(viewer, self.rewards[which % 2])

    def fulfil(self, viewer: User, which: int) -> None:
        self._hers(redemption_fulfil, which)

    def reject(self, viewer: User, which: int) -> None:
        self._hers(redemption_reject, which)

    def cancel(self, viewer: User, which: int) -> None:
        row = self._row(which)
        if row is not None:
            with as_viewer(viewer):
                redemption_cancel(redemption_id=row.pk, actor=viewer)

    def reverse(self, viewer: User, which: int) -> None:
        spends = list(TokenSpend.objects.filter(reversal__isnull=True, viewer=viewer).order_by("pk"))
        if spends:
            spend_reverse(spend_id=spends[which % len(spends)].pk, actor=None, reason="a mistake")

    def restock(self, viewer: User, which: int) -> None:
        with as_her(self.star):
            reward_change(
                reward_id=self.rewards[0].pk, actor=self.star.user, title="Again", tokens=10, stock=1 + which
            )

    def retire(self, viewer: User, which: int) -> None:
        if which == 6:
            with as_her(self.star):
                reward_retire(reward_id=self.rewards[1].pk, actor=self.star.user)

    def _hers(self, service: Any, which: int) -> None:
        row = self._row(which)
        if row is not None:
            with as_her(self.star):
                service(redemption_id=row.pk, actor=self.star.user)

    def _row(self, which: int) -> Redemption | None:
        rows = list(Redemption.objects.order_by("pk"))
        return rows[which % len(rows)] if rows else None


@MANY
@given(steps=REWARD_STEPS)
def test_rewards_add_up_after_anything(steps: list[tuple[str, int, int]]) -> None:
    shop = Shop()
    for what, whose, which in steps:
        with perhaps():
            getattr(shop, what)(shop.viewers[whose], which)
    assert_proven()
    for reward in Reward.objects.filter(pk__in=[row.pk for row in shop.rewards]):
        standing = reward.redemptions.filter(status__in=["pending", "fulfilled"], is_counted=True).count()
        assert reward.taken == standing
        assert reward.stock is None or 0 <= reward.taken <= reward.stock
    # Whatever was given back was paid back, and what was fulfilled was paid.
    for row in Redemption.objects.filter(performer_id=shop.star.pk):
        if row.status in ("rejected", "cancelled"):
            assert hasattr(row.spend, "reversal")


GOAL_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["tip", "tip", "tip", "reverse", "fold", "reach", "open", "cancel"]),
        st.integers(1, 20),
    ),
    min_size=3,
    max_size=20,
)


@MANY
@given(steps=GOAL_STEPS)
def test_goals_agree_with_tips_after_anything(steps: list[tuple[str, int]]) -> None:
    star, viewer = performer(), granted(1_000)
    expected: dict[Any, int] = {}
    counted: dict[Any, Any] = {}

    def current() -> Goal | None:
        return Goal.objects.open().filter(performer=star).first()

    for what, number in steps:
        with perhaps():
            goal = current()
            if what == "tip":
                spend = tip(viewer, star, number)
                if goal is not None:
                    expected[goal.pk] = expected.get(goal.pk, 0) + number
                    counted[spend.pk] = goal.pk
            elif what == "reverse":
                spends = list(
                    TokenSpend.objects.filter(performer_id=star.pk, reversal__isnull=True).order_by("pk")
                )
                if spends:
                    spend = spends[number % len(spends)]
                    spend_reverse(spend_id=spend.pk, actor=None, reason="a mistake")
                    if spend.pk in counted:
                        expected[counted[spend.pk]] -= spend.tokens
            elif what == "fold":
                goals_fold(batch=number)
            elif what == "reach":
                reached = {row.pk for row in goals_reach(performer_id=star.pk)}
                enough = goal is not None and expected.get(goal.pk, 0) >= goal.target_tokens
                assert reached == ({goal.pk} if goal is not None and enough else set())
            elif what == "open":
                expected[goal_of(star, number).pk] = 0
            elif goal is not None:
                with as_her(star):
                    goal_cancel(goal_id=goal.pk, actor=star.user)
    assert {pk: goal_total(pk) for pk in expected} == expected
    assert goals_wrong() == []


@MANY
@given(
    most=st.integers(1, 3),
    ballots=st.lists(st.tuples(st.integers(0, 4), st.lists(st.integers(1, 3), max_size=3)), max_size=12),
    end=st.integers(0, 12),
)
def test_votes_add_up_after_anything(most: int, ballots: list[tuple[int, list[int]]], end: int) -> None:
    star, voters = performer(), [UserFactory() for _ in range(5)]
    poll, cast = poll_of(star, most_choices=most), {}
    for number, (whose, places) in enumerate(ballots):
        if number == end:
            with as_her(star):
                poll_close(poll_id=poll.pk, actor=star.user)
        with perhaps():
            vote(voters[whose], poll, *places)
            cast[whose] = set(places)
            assert number < end
    expected = [sum(place in places for places in cast.values()) for place in (1, 2, 3)]
    assert list(poll_results(poll_id=poll.pk).values()) == expected
    for whose, places in cast.items():
        assert 1 <= len(places) <= most
        assert PollVote.objects.filter(voter=voters[whose]).count() == len(places)


MACHINES = {model: model.status_machine for model in (Goal, Poll, Raid, Redemption)}


@pytest.mark.parametrize("model", MACHINES)
def test_nothing_follows_an_end_and_every_state_can_be_reached(model: Any) -> None:
    machine: StateMachine = MACHINES[model]
    reached, waiting = set(machine.initial), list(machine.initial)
    while waiting:
        for state in machine.moves.get(waiting.pop(), ()):
            if state not in reached:
                reached.add(state)
                waiting.append(state)
    assert reached == set(machine.states.values)
