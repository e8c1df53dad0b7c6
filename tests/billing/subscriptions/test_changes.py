"""Moving to another plan: at once with what is due, at once with credit, and from the next period on."""

from contextlib import suppress
from datetime import timedelta
from time import sleep

import pytest
from django.utils import timezone

from billing.anchoring import whole_second
from billing.errors import PlanRefused, SubscriptionRefused
from billing.models import Earning, Entitlement, Order, Plan, Subscription, SubscriptionPeriod
from billing.services.dunning import unpaid_settle
from billing.services.subscription_changes import (
    change_prorated,
    subscription_change_withdraw,
    subscription_plan_change,
)
from billing.services.subscription_endings import subscription_cancel
from billing.services.subscription_renewals import subscription_renew
from billing.subscription_choices import PlanInterval
from performers.models import PerformerProfile
from tests.billing.ledger import assert_books_prove
from tests.billing.subscriptions_data import (
    PRICE,
    active,
    again,
    answered,
    declined,
    last,
    pass_time,
    plan,
    settle_constraints,
    started,
    to_its_end,
)

pytestmark = pytest.mark.django_db


def dearer(than: Plan, amount: int = 2 * PRICE, rank: int = 2, **said: object) -> Plan:
    owner = PerformerProfile.objects.get(pk=than.performer_id)
    return plan(owner, amount=amount, rank=rank, **said)


def half_way(subscription: Subscription) -> Subscription:
    """Let half of the present period pass."""
    period = last(subscription)
    return pass_time(
        subscription, timedelta(seconds=int((period.ends_at - period.starts_at).total_seconds() / 2))
    )


def change(subscription: Subscription, to: Plan, **said: object) -> SubscriptionPeriod | None:
    return subscription_plan_change(subscription_id=subscription.pk, plan_id=to.pk, actor=None, **said)


def test_a_dearer_plan_holds_once_the_difference_is_paid() -> None:
    subscription = half_way(active())
    first, to = last(subscription), dearer(subscription.plan)
    period = change(subscription, to)
    assert period is not None
    assert period.order is not None
    expected = change_prorated(subscription, first, period.price, period.starts_at)
    assert (period.charge, period.credit_given, period.order.total) == (
        expected.charge,
        expected.credit,
        expected.due,
    )
    assert abs(period.order.total - PRICE // 2) <= 1
    assert again(subscription).plan_id == first.plan_id
    settle_constraints()
    answered(period)
    subscription = again(subscription)
    first.refresh_from_db()
    period.refresh_from_db()
    assert (subscription.plan_id, period.status) == (to.pk, "paid")
    assert first.ends_at == period.starts_at
    assert period.ends_at == subscription.renews_at
    entitled = Entitlement.objects.order_by("pk")
    assert [(row.valid.lower, row.valid.upper) for row in entitled] == [
        (first.starts_at, first.ends_at),
        (period.starts_at, period.ends_at),
    ]
    assert Earning.objects.count() == 2
    settle_constraints()
    assert_books_prove()
    renewed = subscription_renew(subscription_id=to_its_end(subscription).pk)
    assert renewed is not None
    assert renewed.charge == 2 * PRICE
    settle_constraints()


def test_a_dearer_plan_that_is_not_paid_is_not_made() -> None:
    subscription = half_way(active())
    period = change(subscription, dearer(subscription.plan))
    assert period is not None
    declined(period)
    unpaid_settle(subscription_id=subscription.pk)
    subscription = again(subscription)
    assert (subscription.status, subscription.plan.rank, subscription.credit) == ("active", 1, 0)
    assert last(subscription).status == "void"
    assert Order.objects.filter(status="cancelled").count() == 1
    settle_constraints()
    again_tried = change(subscription, Plan.objects.get(rank=2))
    assert again_tried is not None
    settle_constraints()


def test_a_cheaper_plan_at_once_leaves_credit_for_the_next_charges() -> None:
    subscription = half_way(active(plan(amount=2 * PRICE)))
    to = dearer(subscription.plan, amount=PRICE)
    period = change(subscription, to, at_period_end=False)
    assert period is not None
    assert (period.status, period.basis, period.order) == ("free", "credit", None)
    subscription = again(subscription)
    assert subscription.plan_id == to.pk
    assert abs(subscription.credit - PRICE // 2) <= 1
    settle_constraints()
    credit = subscription.credit
    renewed = subscription_renew(subscription_id=to_its_end(subscription).pk)
    assert renewed is not None
    assert renewed.order is not None
    assert renewed.order.total == PRICE - credit
    assert again(subscription).credit == 0
    answered(renewed)
    settle_constraints()
    assert_books_prove()


def test_what_is_covered_by_credit_is_not_charged() -> None:
    subscription = half_way(active(plan(amount=10 * PRICE)))
    period = change(subscription, dearer(subscription.plan, amount=PRICE), at_period_end=False)
    assert period is not None
    before = again(subscription).credit
    renewed = subscription_renew(subscription_id=to_its_end(subscription).pk)
    assert renewed is not None
    assert (renewed.status, renewed.order, again(subscription).credit) == ("free", None, before - PRICE)
    settle_constraints()


def test_a_cheaper_plan_comes_with_the_next_period_unless_said_otherwise() -> None:
    subscription = active(plan(amount=2 * PRICE))
    to = dearer(subscription.plan, amount=PRICE)
    assert change(subscription, to) is None
    assert again(subscription).next_plan_id == to.pk
    subscription_change_withdraw(subscription_id=subscription.pk, actor=None)
    assert again(subscription).next_plan_id is None
    change(subscription, to)
    renewed = subscription_renew(subscription_id=to_its_end(subscription).pk)
    assert renewed is not None
    assert (renewed.plan_id, renewed.charge) == (to.pk, PRICE)
    assert again(subscription).next_plan_id is None
    settle_constraints()


def test_another_interval_comes_with_the_next_period() -> None:
    subscription = active()
    to = dearer(subscription.plan, interval=PlanInterval.YEAR)
    assert change(subscription, to, at_period_end=False) is None
    renewed = subscription_renew(subscription_id=to_its_end(subscription).pk)
    assert renewed is not None
    assert (renewed.ends_at - renewed.starts_at).days in (365, 366)
    settle_constraints()


def test_a_change_in_the_last_minute_costs_nothing_and_one_after_it_is_refused() -> None:
    subscription = active()
    left = (last(subscription).ends_at - last(subscription).starts_at).total_seconds()
    subscription = pass_time(subscription, timedelta(seconds=int(left) - 60))
    to = dearer(subscription.plan)
    period = change(subscription, to)
    assert period is not None
    assert (period.charge, period.status) == (0, "free")
    settle_constraints()
    with pytest.raises(SubscriptionRefused, match="next period"):
        change(to_its_end(subscription), Plan.objects.get(rank=1), at_period_end=True)


def to_its_last_second(subscription: Subscription) -> Subscription:
    """Let time pass until the last second of the present period has just begun."""
    sleep(1 - timezone.now().microsecond / 1_000_000)
    end = again(subscription).renews_at
    assert end is not None
    return pass_time(subscription, end - whole_second(timezone.now()) - timedelta(seconds=1))


def test_a_change_on_the_last_second_is_of_that_second_and_not_of_the_next_period() -> None:
    subscription = active()
    to = dearer(subscription.plan, amount=10**7)
    for _ in range(20):
        # A machine that is busy misses the second, and is refused; then time goes back.
        subscription = to_its_last_second(subscription)
        with suppress(SubscriptionRefused):
            change(subscription, to)
            break
        assert SubscriptionPeriod.objects.count() == 1
    first, second = subscription.periods.order_by("number")
    assert (second.starts_at, second.ends_at) == (first.ends_at - timedelta(seconds=1), first.ends_at)
    # A second of 100,000.00 a month is 4 cents; a second of the plan before is nothing.
    assert (second.charge, second.credit_given, second.status) == (4, 0, "proposed")
    settle_constraints()
    answered(second)
    first.refresh_from_db()
    assert (again(subscription).plan_id, first.ends_at) == (to.pk, second.starts_at)
    settle_constraints()
    assert_books_prove()


def test_changes_that_cannot_be() -> None:
    subscription = started()
    to = dearer(subscription.plan)
    with pytest.raises(SubscriptionRefused, match="waits for its first payment"):
        change(subscription, to)
    answered(last(subscription))
    with pytest.raises(SubscriptionRefused, match="its plan already"):
        change(subscription, subscription.plan)
    with pytest.raises(PlanRefused, match="no such plan"):
        change(subscription, plan())
    assert change(subscription, to) is not None
    with pytest.raises(SubscriptionRefused, match="already"):
        change(subscription, dearer(subscription.plan, rank=3, amount=3 * PRICE))
    unpaid = last(subscription)
    declined(unpaid)
    unpaid_settle(subscription_id=subscription.pk)
    subscription_cancel(subscription_id=subscription.pk, actor=None, reason="enough")
    with pytest.raises(SubscriptionRefused, match="cancelled"):
        change(subscription, to)
    settle_constraints()


def test_a_change_that_is_paid_after_the_period_was_renewed_waits_in_suspense() -> None:
    subscription = half_way(active())
    period = change(subscription, dearer(subscription.plan))
    assert period is not None
    subscription_renew(subscription_id=to_its_end(subscription).pk)
    period.refresh_from_db()
    assert period.status == "void"
    answered(period)
    assert again(subscription).plan.rank == 1
    settle_constraints()
    assert_books_prove()
