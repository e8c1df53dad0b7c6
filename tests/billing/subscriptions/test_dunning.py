"""A charge that fails: further attempts, grace with access, and the end without."""

from datetime import timedelta

import pytest

from billing.errors import SubscriptionRefused
from billing.models import DunningAttempt, Entitlement, Order, Subscription
from billing.provider_choices import ProviderOutcome
from billing.services.dunning import dunning_run, subscription_charge
from billing.services.payment_methods import payment_method_detach
from billing.services.subscription_renewals import subscription_renew, subscriptions_renew
from tests.billing.ledger import assert_books_prove
from tests.billing.paying import method_of
from tests.billing.subscriptions_data import (
    active,
    again,
    answered,
    attempts,
    declined,
    last,
    pass_time,
    plan,
    settle_constraints,
    to_its_end,
)

pytestmark = pytest.mark.django_db


def past_due() -> Subscription:
    subscription = to_its_end(active(plan(dunning_days=[1, 3, 5, 7])))
    subscription_renew(subscription_id=subscription.pk)
    declined(last(subscription))
    return again(subscription)


def has_access(subscription: Subscription) -> bool:
    return Entitlement.objects.in_force().filter(user_id=subscription.viewer_id).exists()


def test_after_a_decline_there_is_grace_with_access_and_a_plan_of_attempts() -> None:
    subscription = past_due()
    assert subscription.status == "past_due"
    assert has_access(subscription)
    assert attempts(subscription) == [(1, "planned"), (2, "planned"), (3, "planned"), (4, "planned")]
    days = [
        round((attempt.due_at - attempt.created_at) / timedelta(days=1))
        for attempt in DunningAttempt.objects.order_by("number")
    ]
    assert days == [1, 3, 5, 7]
    assert dunning_run() == {"attempts": 0, "settled": 0}


def test_paid_at_the_second_attempt() -> None:
    subscription = pass_time(past_due(), timedelta(days=1, minutes=1))
    assert dunning_run()["attempts"] == 1
    declined(last(subscription))
    assert attempts(subscription)[0] == (1, "declined")
    pass_time(subscription, timedelta(days=2))
    dunning_run()
    answered(last(subscription))
    subscription = again(subscription)
    assert subscription.status == "active"
    assert [status for _, status in attempts(subscription)] == ["declined", "succeeded", "skipped", "skipped"]
    settle_constraints()
    assert_books_prove()


def test_after_the_last_attempt_it_ends_unpaid_and_without_access() -> None:
    subscription = past_due()
    for days in (1, 2, 2, 2):
        subscription = pass_time(subscription, timedelta(days=days, seconds=30))
        assert subscription.status == "past_due"
        assert has_access(subscription)
        assert dunning_run()["attempts"] == 1
        declined(last(subscription))
    assert dunning_run()["settled"] == 1
    subscription = again(subscription)
    assert (subscription.status, subscription.end_reason) == ("unpaid", "unpaid")
    assert not has_access(subscription)
    assert Order.objects.filter(status="cancelled").count() == 1
    assert Entitlement.objects.filter(revocation="unpaid").count() == 1
    assert subscriptions_renew() == {"renewed": 0, "ended": 0, "refused": 0}
    settle_constraints()


def test_without_a_method_it_is_dunned_and_a_new_card_helps() -> None:
    subscription = to_its_end(active())
    method = subscription.viewer.payment_methods.without_token().get()
    payment_method_detach(payment_method_id=method.pk, actor=subscription.viewer, reason="lost")
    subscription_renew(subscription_id=subscription.pk)
    assert again(subscription).status == "past_due"
    subscription = pass_time(subscription, timedelta(days=1, minutes=1))
    dunning_run()
    assert DunningAttempt.objects.get(number=1).outcome == "no_method"
    with pytest.raises(SubscriptionRefused, match="nothing to pay by"):
        subscription_charge(subscription_id=subscription.pk, actor=None, reason="now")
    method_of(subscription.viewer, method.customer.provider_account)
    subscription_charge(subscription_id=subscription.pk, actor=None, reason="now")
    with pytest.raises(SubscriptionRefused, match="under way"):
        subscription_charge(subscription_id=subscription.pk, actor=None, reason="now")
    answered(last(subscription))
    assert again(subscription).status == "active"
    with pytest.raises(SubscriptionRefused, match="Nothing is owed"):
        subscription_charge(subscription_id=subscription.pk, actor=None, reason="now")
    settle_constraints()


def test_while_nobody_knows_what_came_of_a_charge_no_other_is_made() -> None:
    subscription = pass_time(past_due(), timedelta(days=1, minutes=1))
    dunning_run()
    answered(last(subscription), ProviderOutcome.UNKNOWN)
    pass_time(subscription, timedelta(days=2))
    assert dunning_run() == {"attempts": 0, "settled": 0}
    assert attempts(subscription)[1] == (2, "planned")
    answered(last(subscription))
    assert again(subscription).status == "active"


def test_a_charge_that_nobody_answers_is_given_up_in_the_end() -> None:
    subscription = to_its_end(active())
    subscription_renew(subscription_id=subscription.pk)
    assert dunning_run()["settled"] == 0
    subscription = pass_time(subscription, timedelta(days=2))
    assert dunning_run()["settled"] == 1
    assert again(subscription).status == "past_due"
    pass_time(subscription, timedelta(days=8, hours=1))
    assert dunning_run()["settled"] == 1
    assert again(subscription).status == "unpaid"
    answered(last(subscription))
    assert again(subscription).status == "unpaid"
    settle_constraints()
    assert_books_prove()
