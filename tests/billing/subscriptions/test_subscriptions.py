"""Subscribing, renewing, cancelling: what happens to periods, access, money and history."""

from datetime import timedelta

import pytest

from billing.errors import PlanRefused, SubscriptionRefused
from billing.models import (
    Earning,
    Entitlement,
    Order,
    Payment,
    ReconciliationException,
    Subscription,
    SubscriptionEvent,
    SubscriptionPeriod,
)
from billing.services.plans import plan_close
from billing.services.subscription_renewals import subscription_renew, subscriptions_renew
from billing.services.subscriptions import (
    subscription_cancel,
    subscription_end,
    subscription_gift,
    subscription_resume,
    subscription_start,
)
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from tests.accounts.factories import UserFactory, staff
from tests.billing.factories_wallets import performer
from tests.billing.ledger import assert_books_prove
from tests.billing.paying import balance, refund, refunder, settled, told
from tests.billing.subscriptions_data import (
    NET,
    PRICE,
    TAX,
    active,
    again,
    answered,
    declined,
    last,
    pass_time,
    payer,
    plan,
    settle_constraints,
    started,
    to_its_end,
)

pytestmark = pytest.mark.django_db


def told_of(subscription: Subscription) -> list[str]:
    return list(SubscriptionEvent.objects.filter(subscription=subscription).order_by("number").values_list("kind", flat=True))


def test_a_subscription_begins_when_it_is_paid() -> None:
    subscription = started()
    period = subscription.periods.get()
    assert (subscription.status, period.status) == ("incomplete", "open")
    assert not Entitlement.objects.exists()
    answered(period)
    subscription, period = again(subscription), last(subscription)
    assert (subscription.status, period.status) == ("active", "paid")
    assert period.ends_at == subscription.renews_at
    entitlement = Entitlement.objects.get()
    assert (entitlement.valid.lower, entitlement.valid.upper) == (period.starts_at, period.ends_at)
    assert (entitlement.source, entitlement.user_id) == ("subscription", subscription.viewer_id)
    assert told_of(subscription) == ["begun", "activated"]
    settle_constraints()


def test_the_net_is_shared_out_and_the_tax_is_owed() -> None:
    subscription = active()
    assert balance("cash:simulator:EUR") == -PRICE
    assert balance("tax_payable:DE:EUR") == TAX
    assert balance(f"earnings:{subscription.performer_id}:EUR") == 700
    assert balance("platform_share:EUR") == NET - 700
    assert Earning.objects.get().amount == 700
    assert_books_prove()
