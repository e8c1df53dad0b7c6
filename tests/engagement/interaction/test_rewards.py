"""Rewards: stock, cooldown, payment, and what is given back."""

from typing import Any

import pytest
from django.db import transaction

from billing.errors import TooFewTokens
from billing.models import SpendReversal, TokenSpend
from billing.services.spend_reversals import spend_reverse
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition, StaleVersion
from engagement.interaction_choices import RedemptionStatus
from engagement.interaction_errors import RedemptionRefused, RewardRefused
from engagement.models import Redemption, Reward
from engagement.services.redemptions import (
    redemption_cancel,
    redemption_fulfil,
    redemption_reject,
    redemptions_expire,
)
from engagement.services.rewards import reward_change, reward_retire
from performers.models import PerformerProfile
from tests.accounts.factories import RestrictionFactory, UserFactory, staff
from tests.billing.factories_wallets import assert_proven, granted, left, performer
from tests.engagement.interaction_data import as_her, as_viewer, blocked, redeem, reward_of, rewritten
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def star() -> PerformerProfile:
    return performer()


def taken(reward: Reward) -> int:
    return Reward.objects.get(pk=reward.pk).taken


def test_what_costs_tokens_is_paid_and_shared_out(star: PerformerProfile) -> None:
    viewer, reward = granted(100), reward_of(star, tokens=30)
    redemption = redeem(viewer, reward, "once")
    assert (redemption.status, redemption.tokens, redemption.spend.kind) == ("pending", 30, "reward")
    assert redeem(viewer, reward, "once") == redemption
    assert sum(tokens for _, tokens, _ in left(viewer)) == 70
    with pytest.raises(RedemptionRefused, match="used before"):
        redeem(viewer, reward_of(star), "once")
    with as_her(star):
        done = redemption_fulfil(redemption_id=redemption.pk, actor=star.user)
    assert (done.status, done.decided_by) == (RedemptionStatus.FULFILLED, star.user)
    assert done.decided_at is not None
    assert_proven()


def test_too_few_tokens_leave_nothing(star: PerformerProfile) -> None:
    viewer, reward = granted(10), reward_of(star, tokens=30, stock=1)
    with pytest.raises(TooFewTokens):
        redeem(viewer, reward)
    assert not Redemption.objects.exists()
    assert taken(reward) == 0


@pytest.mark.parametrize("what", ["rejected", "cancelled", "expired"])
def test_what_is_not_fulfilled_gives_tokens_and_stock_back(star: PerformerProfile, what: str) -> None:
    viewer, reward = granted(100), reward_of(star, tokens=30, stock=1, person_cooldown=3600)
    redemption = redeem(viewer, reward)
    assert taken(reward) == 1
    if what == "rejected":
        with as_her(star):
            redemption_reject(redemption_id=redemption.pk, actor=star.user, reason="Not today.")
    elif what == "cancelled":
        with as_viewer(viewer):
            redemption_cancel(redemption_id=redemption.pk, actor=viewer)
    else:
        assert redemptions_expire() == 0
        rewritten("engagement_redemption", "redeemed_at = now() - interval '31 days'", redemption)
        assert (redemptions_expire(), redemptions_expire()) == (1, 0)
    redemption.refresh_from_db()
    assert redemption.status == what
    assert taken(reward) == 0
    assert left(viewer) == [("promotional", 100, 0)]
    assert SpendReversal.objects.get().reversed_by is None
    assert_proven()
    # What was given back leaves room for the next one.
    redeem(viewer, reward)
    with as_her(star), pytest.raises(IllegalTransition):
        redemption_reject(redemption_id=redemption.pk, actor=star.user)


def test_tokens_that_finance_gave_back_are_not_given_back_twice(star: PerformerProfile) -> None:
    viewer, reward = granted(100), reward_of(star, tokens=30)
    redemption = redeem(viewer, reward)
    spend_reverse(spend_id=redemption.spend_id, actor=None, reason="a mistake")
    with as_her(star), pytest.raises(RedemptionRefused, match="were given back"), transaction.atomic():
        redemption_fulfil(redemption_id=redemption.pk, actor=star.user)
    with as_her(star):
        redemption_reject(redemption_id=redemption.pk, actor=star.user)
    assert left(viewer) == [("promotional", 100, 0)]
    assert_proven()


def test_a_stock_ends(star: PerformerProfile) -> None:
    reward = reward_of(star, stock=2)
    redeem(UserFactory(), reward)
    redeem(UserFactory(), reward)
    with pytest.raises(RedemptionRefused, match="none left"):
        redeem(UserFactory(), reward)
    with as_her(star), pytest.raises(RewardRefused, match="redeemed already"), transaction.atomic():
        reward_change(reward_id=reward.pk, actor=star.user, title="Less", tokens=0, stock=1)
    with as_her(star):
        reward_change(reward_id=reward.pk, actor=star.user, title="More", tokens=0, stock=3)
    redeem(UserFactory(), reward)
    assert taken(reward) == 3


def test_without_a_stock_nothing_of_the_reward_is_written(star: PerformerProfile) -> None:
    reward = reward_of(star)
    redeem(UserFactory(), reward)
    reward.refresh_from_db()
    assert (reward.taken, reward.version, reward.left) == (0, 1, None)


def test_cooldowns(star: PerformerProfile) -> None:
    viewer, personal = UserFactory(), reward_of(star, person_cooldown=60)
    redeem(viewer, personal)
    with pytest.raises(RedemptionRefused, match="You redeemed this a short time ago"):
        redeem(viewer, personal)
    redeem(UserFactory(), personal)
    shared = reward_of(star, shared_cooldown=60)
    redeem(viewer, shared)
    with pytest.raises(RedemptionRefused, match="Somebody redeemed this"):
        redeem(UserFactory(), shared)


def test_who_may_not_redeem(star: PerformerProfile) -> None:
    reward, away, barred = reward_of(star, asks_for_words=True), UserFactory(), UserFactory()
    blocked(away, star)
    RestrictionFactory(user=barred, kind="chat")
    for viewer, words in (
        (away, "between the two"),
        (barred, "Ask our support"),
        (star.user, "of their own"),
    ):
        with pytest.raises(RedemptionRefused, match=words):
            redeem(viewer, reward, words="A song")
    with pytest.raises(RedemptionRefused, match="Say what you wish"):
        redeem(UserFactory(), reward)
    with pytest.raises(RedemptionRefused, match="Words must have"):
        redeem(UserFactory(), reward, words="x" * 301)
    with as_her(star):
        reward_retire(reward_id=reward.pk, actor=star.user)
        with pytest.raises(RewardRefused, match="retired already"):
            reward_retire(reward_id=reward.pk, actor=star.user)
    with pytest.raises(RedemptionRefused, match="not offered"):
        redeem(UserFactory(), reward, words="A song")
    assert not Redemption.objects.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"title": ""}, "is not blank"),
        ({"tokens": -1}, "costs 0 to"),
        ({"tokens": 1.5}, "whole numbers"),
        ({"stock": 0}, "A stock is"),
        ({"person_cooldown": -1}, "A cooldown is"),
        ({"shared_cooldown": 10**7}, "A cooldown is"),
    ],
)
def test_rewards_that_make_no_sense(star: PerformerProfile, options: dict[str, Any], words: str) -> None:
    with pytest.raises(RewardRefused, match=words):
        reward_of(star, **options)
    assert not Reward.objects.exists()


def test_versions_and_history(star: PerformerProfile) -> None:
    reward = reward_of(star, tokens=5)
    with as_her(star):
        reward_change(reward_id=reward.pk, actor=star.user, title="Drink tea", tokens=6, expected_version=1)
        with pytest.raises(StaleVersion):
            reward_change(reward_id=reward.pk, actor=star.user, title="x", tokens=6, expected_version=1)
    assert list(Reward.history.values_list("title", "tokens")) == [("Drink tea", 6), ("Drink water", 5)]


BOUGHT = (
    "INSERT INTO engagement_redemption "
    "(id, reward_id, performer_id, viewer_id, status, tokens, words, answer, idempotency_key{more}) "
    "VALUES (uuidv7(), %s, uuidv7(), %s, 'pending', 0, '', '', 'raw'{values})"
)


def test_raw_redemptions(star: PerformerProfile) -> None:
    viewer, other = granted(100), granted(100)
    costly, scarce = reward_of(star, tokens=30), reward_of(star, stock=1)
    theirs, free = redeem(other, costly), reward_of(star)
    redeem(other, scarce)
    with as_viewer(viewer):
        with refused("not paid"):
            run(BOUGHT.format(more="", values=""), [costly.pk, viewer.pk])
        with refused("not paid"):
            run(BOUGHT.format(more=", spend_id", values=f", '{theirs.spend_id}'"), [costly.pk, viewer.pk])
        with refused("none left"):
            run(BOUGHT.format(more="", values=""), [scarce.pk, viewer.pk])
        with refused("blocks of their own"):
            run(BOUGHT.format(more="", values=""), [free.pk, other.pk])
        assert affected("UPDATE engagement_redemption SET status = 'cancelled'") == 0
    mine = redeem(viewer, costly)
    with as_viewer(viewer):
        for attack, words in (
            ("UPDATE engagement_redemption SET tokens = 0", "permission denied"),
            ("UPDATE engagement_redemption SET status = 'fulfilled', decided_by_id = viewer_id", "row-level"),
            (
                "UPDATE engagement_redemption SET status = 'cancelled', decided_by_id = viewer_id",
                "given back first",
            ),
            ("UPDATE engagement_reward SET taken = 0", "permission denied"),
        ):
            with refused(words):
                run(attack)
    with as_her(star), refused("given back first"):
        run("UPDATE engagement_redemption SET status = 'rejected', decided_by_id = %s", [star.pk])
    with as_her(star), refused("permission denied"):
        run("UPDATE engagement_reward SET taken = 0")
    with acting(Role.WORKER), refused("permission denied"):
        run("INSERT INTO engagement_redemption (id) VALUES (uuidv7())")
    assert Redemption.objects.get(pk=mine.pk).status == "pending"
    assert TokenSpend.objects.filter(kind="reward").count() == 2


def test_support_gives_back_and_strangers_read_nothing(star: PerformerProfile) -> None:
    viewer, reward = granted(100), reward_of(star, tokens=30)
    redemption, support = redeem(viewer, reward, words="The theme"), staff(Role.SUPPORT)
    for role, person, seen in (
        (Role.VIEWER, viewer, 1),
        (Role.VIEWER, UserFactory(), 0),
        (Role.PERFORMER, star.user, 1),
        (Role.PERFORMER, performer().user, 0),
        (Role.SUPPORT, support, 1),
    ):
        with acting(role, user_id=person.pk):
            assert Redemption.objects.count() == seen
    with acting(Role.SUPPORT, user_id=support.pk):
        redemption_reject(redemption_id=redemption.pk, actor=support, reason="She is away.")
    redemption.refresh_from_db()
    assert (redemption.status, redemption.answer, redemption.decided_by) == (
        "rejected",
        "She is away.",
        support,
    )
    assert_proven()
