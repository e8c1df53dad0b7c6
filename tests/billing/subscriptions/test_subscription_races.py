"""Many workers at one subscription, on connections of their own: one period, one order, one charge."""

from datetime import timedelta

import pytest

from billing.errors import SubscriptionRefused
from billing.models import (
    DunningAttempt,
    Entitlement,
    Order,
    PaymentAttempt,
    Subscription,
    SubscriptionPeriod,
)
from billing.payment_choices import AttemptKind
from billing.provider_choices import ProviderOutcome
from billing.services.dunning import dunning_attempt_make, dunning_run, unpaid_settle
from billing.services.payment_answers import payment_attempt_settle
from billing.services.subscription_changes import subscription_plan_change
from billing.services.subscription_endings import subscription_cancel
from billing.services.subscription_renewals import subscription_renew, subscriptions_renew
from performers.models import PerformerProfile
from tests.accounts.test_races import at_once, refusals
from tests.billing.ledger import assert_books_prove
from tests.billing.paying import answer
from tests.billing.subscriptions_data import (
    PRICE,
    active,
    again,
    declined,
    last,
    pass_time,
    payer,
    plan,
    started,
    to_its_end,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_workers_renew_one_subscription_once() -> None:
    subscription = to_its_end(active())
    outcomes = at_once(*[lambda: subscription_renew(subscription_id=subscription.pk)] * 8)
    assert refusals(outcomes) == []
    assert len([period for period in outcomes if period is not None]) == 1
    assert SubscriptionPeriod.objects.count() == 2
    assert Order.objects.count() == 2
    assert PaymentAttempt.objects.filter(kind=AttemptKind.AUTHORISE).count() == 2
    assert Entitlement.objects.count() == 2


def test_whole_runs_at_once_share_the_work() -> None:
    due = [to_its_end(active()) for _ in range(4)]
    outcomes = at_once(*[subscriptions_renew] * 4)
    assert refusals(outcomes) == []
    assert sum(counts["renewed"] for counts in outcomes) <= len(due)
    subscriptions_renew()
    assert SubscriptionPeriod.objects.count() == 2 * len(due)
    assert Order.objects.count() == 2 * len(due)


def test_two_tabs_begin_one_subscription() -> None:
    to, viewer = plan(), payer()
    outcomes = at_once(*[lambda: started(to, viewer)] * 4)
    assert refusals(outcomes) == [SubscriptionRefused] * 3
    assert Subscription.objects.count() == Order.objects.count() == 1
    outcomes = at_once(*[lambda: started(to, payer(), idempotency_key="one")] * 1)
    assert refusals(outcomes) == []


def test_one_further_attempt_however_many_make_it() -> None:
    subscription = to_its_end(active(plan(dunning_days=[1])))
    subscription_renew(subscription_id=subscription.pk)
    declined(last(subscription))
    pass_time(subscription, timedelta(days=1, minutes=1))
    attempt = DunningAttempt.objects.get()
    at_once(*[lambda: dunning_attempt_make(dunning_attempt_id=attempt.pk)] * 5)
    assert PaymentAttempt.objects.in_flight().count() == 1
    sent = PaymentAttempt.objects.in_flight().get()
    no = answer(ProviderOutcome.DECLINED, decline_code="insufficient_funds")
    outcomes = at_once(
        lambda: payment_attempt_settle(attempt_id=sent.pk, answer=no),
        lambda: payment_attempt_settle(attempt_id=sent.pk, answer=no),
        dunning_run,
        dunning_run,
    )
    assert refusals(outcomes) == []
    at_once(*[lambda: unpaid_settle(subscription_id=subscription.pk)] * 4)
    assert again(subscription).status == "unpaid"
    assert subscription.events.filter(kind="ended").count() == 1


def test_a_cancellation_and_a_renewal_at_once() -> None:
    subscription = to_its_end(active())
    outcomes = at_once(
        lambda: subscription_renew(subscription_id=subscription.pk),
        lambda: subscription_cancel(subscription_id=subscription.pk, actor=None, reason="enough"),
    )
    assert refusals(outcomes) == []
    subscription = again(subscription)
    if outcomes[0] is None:
        assert subscription.end_reason == "cancelled"
    else:
        assert subscription.cancels_at in (subscription.renews_at, last(subscription).starts_at)


def test_the_money_comes_while_the_subscription_is_given_up() -> None:
    """Either it counts, and the subscription goes on, or it waits in suspense: never both, never neither."""
    subscription = started()
    attempt = PaymentAttempt.objects.in_flight().get()
    pass_time(subscription, timedelta(days=2))
    outcomes = at_once(
        lambda: payment_attempt_settle(attempt_id=attempt.pk, answer=answer(reference="pay_late")),
        lambda: unpaid_settle(subscription_id=subscription.pk),
    )
    assert refusals(outcomes) == []
    subscription = again(subscription)
    assert subscription.status in ("active", "never_paid")
    assert Entitlement.objects.count() == (1 if subscription.status == "active" else 0)
    assert_books_prove()


def test_two_changes_of_plan_at_once() -> None:
    subscription = active()
    owner = PerformerProfile.objects.get(pk=subscription.performer_id)
    dearer = [plan(owner, rank=rank, amount=rank * PRICE) for rank in (2, 3)]
    outcomes = at_once(
        *(
            lambda to=to: subscription_plan_change(subscription_id=subscription.pk, plan_id=to.pk, actor=None)
            for to in dearer
        )
    )
    assert refusals(outcomes) == [SubscriptionRefused]
    assert SubscriptionPeriod.objects.filter(status="proposed").count() == 1
