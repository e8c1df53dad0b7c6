"""Plans, subscribers and the passing of time, for the tests of subscriptions."""

import datetime as dt
from itertools import count
from typing import Any

from django.db import connection

from accounts.models import User
from billing.catalogue_choices import TaxBehaviour
from billing.models import (
    DunningAttempt,
    Payment,
    PaymentAttempt,
    Plan,
    ProviderAccount,
    Subscription,
    SubscriptionPeriod,
)
from billing.provider_choices import ProviderOutcome
from billing.services.plans import NewBenefit, plan_open
from billing.services.subscriptions import subscription_start
from billing.subscription_choices import BenefitKind, PlanInterval
from performers.models import PerformerProfile
from tests.accounts.factories import UserFactory
from tests.billing.factories_wallets import performer
from tests.billing.paying import method_of, settled, shop

PRICE = 1190
"""Of a plan, in cents, with 19 % tax: 1000 net and 190 tax."""

NET, TAX = 1000, 190
TABLES = (
    "billing_subscription",
    "billing_subscriptionperiod",
    "billing_dunningattempt",
    "billing_entitlement",
)
_numbers = count(1)


def plan(owner: PerformerProfile | None = None, **said: Any) -> Plan:
    """A plan of a performer whom anybody may see, for a month, in euros."""
    shop()
    number = next(_numbers)
    words: dict[str, Any] = {
        "performer_id": (owner or performer()).pk,
        "name": f"Plan {number}",
        "rank": 1,
        "interval": PlanInterval.MONTH,
        "currency": "EUR",
        "amount": PRICE,
        "tax_behaviour": TaxBehaviour.INCLUSIVE,
        "benefits": [NewBenefit(BenefitKind.WATCH, "Everything for subscribers")],
        "actor": None,
        "reason": "tests",
    }
    return plan_open(**{**words, **said})


def payer(**method: Any) -> User:
    """Somebody with a card."""
    account = ProviderAccount.objects.filter(code="simulator").first() or shop()[0]
    user = UserFactory()
    method_of(user, account, **method)
    return user


def started(to: Plan | None = None, viewer: User | None = None, **said: Any) -> Subscription:
    """A subscription that waits for its first payment, or is on trial."""
    to = to or plan()
    return subscription_start(
        **{
            "viewer": viewer or payer(),
            "plan_id": to.pk,
            "country": "DE",
            "currency": "EUR",
            "idempotency_key": f"subscription-{next(_numbers)}",
            "actor": None,
            **said,
        }
    )


def answered(
    period: SubscriptionPeriod, outcome: ProviderOutcome = ProviderOutcome.SUCCEEDED, **said: Any
) -> Payment:
    """What the provider answers to the attempt of a period that is under way."""
    attempt = PaymentAttempt.objects.in_flight().get(payment__order_id=period.order_id)
    return settled(attempt, outcome, **said)


def declined(period: SubscriptionPeriod, code: str = "insufficient_funds") -> Payment:
    """The provider declines."""
    return answered(period, ProviderOutcome.DECLINED, decline_code=code)


def active(to: Plan | None = None, viewer: User | None = None, **said: Any) -> Subscription:
    """A subscription whose first period is paid."""
    subscription = started(to, viewer, **said)
    answered(subscription.periods.get())
    return again(subscription)


def again(subscription: Subscription) -> Subscription:
    """The subscription as it is by now."""
    return Subscription.objects.select_related("plan", "price").get(pk=subscription.pk)


def last(subscription: Subscription) -> SubscriptionPeriod:
    """Its last period, of whatever state."""
    return SubscriptionPeriod.objects.filter(subscription=subscription).latest("number")


def pass_time(subscription: Subscription, by: dt.timedelta) -> Subscription:
    """Let time pass for a subscription: everything about it lies earlier by so much, its anchor moves along.

    The anchor is that of the new beginning, so that the end of the last period is on it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        pk = subscription.pk
        cursor.execute(
            """UPDATE billing_subscriptionperiod SET starts_at = starts_at - %s, ends_at = ends_at - %s,
                 created_at = created_at - %s WHERE subscription_id = %s""",
            [by, by, by, pk],
        )
        cursor.execute(
            """UPDATE billing_subscription SET renews_at = renews_at - %s, cancels_at = cancels_at - %s,
                 anchor_day = extract(day FROM (renews_at - %s) AT TIME ZONE 'UTC'),
                 anchor_time = ((renews_at - %s) AT TIME ZONE 'UTC')::time WHERE id = %s""",
            [by, by, by, by, pk],
        )
        cursor.execute(
            """UPDATE billing_dunningattempt SET due_at = due_at - %s
               WHERE period_id IN (SELECT id FROM billing_subscriptionperiod WHERE subscription_id = %s)""",
            [by, pk],
        )
        cursor.execute(
            """UPDATE billing_entitlement SET valid = tstzrange(lower(valid) - %s, upper(valid) - %s, '[)')
               WHERE subscription_period_id IN
                 (SELECT id FROM billing_subscriptionperiod WHERE subscription_id = %s)""",
            [by, by, pk],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    return again(subscription)


def to_its_end(subscription: Subscription) -> Subscription:
    """Let time pass until a moment after the end of its last period."""
    subscription = again(subscription)
    assert subscription.renews_at is not None
    left = subscription.renews_at - dt.datetime.now(dt.UTC)
    return pass_time(subscription, dt.timedelta(seconds=int(left.total_seconds()) + 2))


def attempts(subscription: Subscription) -> list[tuple[int, str]]:
    """Number and state of the further attempts, in order."""
    found = DunningAttempt.objects.filter(period__subscription=subscription).order_by("pk")
    return list(found.values_list("number", "status"))


def settle_constraints() -> None:
    """Have the deferred checks made now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
