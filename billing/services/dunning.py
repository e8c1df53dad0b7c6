"""Dunning: what follows when a charge fails. The viewer keeps access while further attempts are made, then no longer.

Whoever takes an order and a subscription takes the order first, as the settlement of payments does.
"""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Now

from accounts.models import User
from billing.errors import SubscriptionRefused
from billing.models import (
    DunningAttempt,
    Order,
    Payment,
    PaymentAttempt,
    PaymentIntent,
    Subscription,
    SubscriptionPeriod,
)
from billing.services.payments import OVER as PAYMENT_OVER
from billing.services.subscription_endings import subscription_over
from billing.services.subscription_events import check_whose, subscription_moved
from billing.services.subscription_periods import period_charge, period_charge_or_fail, period_void
from billing.services.wallets import as_worker
from billing.subscription_choices import (
    LIVE,
    UNPAID,
    DunningStatus,
    PeriodStatus,
    SubscriptionEnd,
    SubscriptionEventKind,
    SubscriptionStatus,
)
from billing.wallet_choices import RevocationCause
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.models.identity import uuid7

NO_METHOD, NO_ANSWER = "no_method", "no_answer"
PATIENCE = dt.timedelta(days=1)
"""How long a first payment, or that of a change of plan, is waited for."""
MOST_AT_ONCE = 10_000


def dunning_plan(*, subscription: Subscription, period: SubscriptionPeriod, code: str) -> None:
    """A charge for a period failed: plan the further attempts by the days of its plan, once.

    As the worker, under the lock of the subscription. Announces: `subscription_charge_failed`.
    """
    if subscription.status == SubscriptionStatus.PAST_DUE:
        return
    now = database_now()
    DunningAttempt.objects.bulk_create(
        DunningAttempt(id=uuid7(), period=period, number=number, due_at=now + dt.timedelta(days=day))
        for number, day in enumerate(period.plan.dunning_days, start=1)
    )
    subscription.status = SubscriptionStatus.PAST_DUE
    subscription_moved(
        subscription=subscription,
        kind=SubscriptionEventKind.CHARGE_FAILED,
        actor=None,
        changed=("status",),
        period=period,
        detail={"decline_code": code},
    )


def charge_declined(payment: Payment, code: str) -> UUID | None:
    """A payment was declined; returns the subscription whose charge it was, for `unpaid_settle` to look at.

    Called in the transaction of the decline, which holds the order. Locks: the subscription. As the worker.
    """
    found = (
        SubscriptionPeriod.objects.unpaid()
        .filter(order_id=payment.order_id)
        .values_list("pk", "subscription_id")
        .first()
    )
    if found is None:
        return None
    subscription = locked(Subscription, found[1])
    period = SubscriptionPeriod.objects.select_related("plan").get(pk=found[0])
    DunningAttempt.objects.filter(intent_id=payment.intent_id, status=DunningStatus.SENT).update(
        status=DunningStatus.DECLINED, outcome=code[:100]
    )
    if period.status == PeriodStatus.OPEN and subscription.status != SubscriptionStatus.INCOMPLETE:
        dunning_plan(subscription=subscription, period=period, code=code)
    return subscription.pk


def dunning_paid(period: SubscriptionPeriod, payment: Payment) -> None:
    """The period was paid: no further attempt is made. As the worker, under the lock of the subscription."""
    attempts = DunningAttempt.objects.filter(period=period)
    attempts.filter(
        intent_id=payment.intent_id, status__in=(DunningStatus.SENT, DunningStatus.DECLINED)
    ).update(status=DunningStatus.SUCCEEDED, outcome="")
    attempts.waiting().update(status=DunningStatus.SKIPPED)


@transaction.atomic
def dunning_attempt_make(*, dunning_attempt_id: UUID) -> DunningAttempt:
    """Try to collect once more, by what the payer has as default by now; without a method it counts as declined.

    While a payment of the period is under way it stays planned. Locks: the order, the subscription, the attempt.
    Runs as the worker. Raises: NotThere.
    """
    with as_worker(None):
        found = (
            DunningAttempt.objects.filter(pk=dunning_attempt_id)
            .values_list("period__order_id", "period__subscription_id")
            .first()
        )
        if found is None:
            raise NotThere("There is no such attempt.")
        locked(Order, found[0])
        subscription = locked(Subscription, found[1])
        attempt = locked(DunningAttempt, dunning_attempt_id)
        if attempt.status != DunningStatus.PLANNED:
            return attempt
        period = SubscriptionPeriod.objects.get(pk=attempt.period_id)
        if period.status != PeriodStatus.OPEN or subscription.status not in LIVE:
            attempt.status = DunningStatus.SKIPPED
            attempt.save(update_fields=["status"])
            return attempt
        if _under_way(period):
            return attempt
        intent = period_charge_or_fail(
            period=period, payer_id=subscription.payer_id, key=f"dunning:{attempt.pk}", actor=None
        )
        attempt.attempted_at, attempt.intent = database_now(), intent
        attempt.status = DunningStatus.SENT if intent else DunningStatus.DECLINED
        attempt.outcome = "" if intent else NO_METHOD
        attempt.save(update_fields=["attempted_at", "intent", "status", "outcome"])
        return attempt


@transaction.atomic
def subscription_charge(
    *,
    subscription_id: UUID,
    actor: User | None,
    reason: str,
    payment_method_id: UUID | None = None,
    expected_version: int | None = None,
) -> PaymentIntent:
    """Try to collect now for a subscription whose charge failed, by the named or the default method.

    Planned attempts stay; they are not needed once it is paid. Locks: the order, the subscription. Raises:
    SubscriptionRefused (nothing is owed, a payment is under way, nothing to pay by, one's own as staff),
    PaymentRefused, NotThere, StaleVersion.
    """
    seen = Subscription.objects.filter(pk=subscription_id).first()
    if seen is None:
        raise NotThere("There is no such subscription, or your role may not see it.")
    check_whose(seen, actor)
    with as_worker(actor):
        owed = SubscriptionPeriod.objects.filter(subscription_id=subscription_id, status=PeriodStatus.OPEN)
        order_id = owed.values_list("order_id", flat=True).first()
        if order_id is None:
            raise SubscriptionRefused("Nothing is owed for this subscription.")
        locked(Order, order_id)
        subscription = locked(Subscription, subscription_id, expected_version=expected_version)
        period = owed.filter(order_id=order_id).first()
        if period is None or subscription.status != SubscriptionStatus.PAST_DUE:
            raise SubscriptionRefused("Nothing is owed for this subscription.")
        if _under_way(period):
            raise SubscriptionRefused("A payment is under way. Wait for what comes of it.")
        intent = period_charge(
            period=period,
            payer_id=subscription.payer_id,
            key=f"charge:{uuid7()}",
            actor=actor,
            payment_method_id=payment_method_id,
        )
        if intent is None:
            raise SubscriptionRefused("There is nothing to pay by. Add a payment method first.")
    return intent


def _under_way(period: SubscriptionPeriod) -> bool:
    """Whether a payment of the period may still succeed, or holds money."""
    payments = Payment.objects.filter(order__subscription_period=period)
    return (
        payments.exclude(Q(status__in=PAYMENT_OVER) & Q(captured_settled=0)).exists()
        or PaymentAttempt.objects.in_flight().filter(payment__in=payments).exists()
    )


@transaction.atomic
def unpaid_settle(*, subscription_id: UUID) -> bool:
    """Draw the consequences once it is sure that a period is not paid; whether there were any.

    A first period: it never came to be. A change of plan: it is not made. A renewal: further attempts are planned,
    and with none left the subscription ends unpaid, and its access. What waits for the payer or for the provider
    longer than a day is not waited for.
    Locks: the orders, the subscription. Runs as the worker. Announces: `subscription_ended` or
    `subscription_change_withdrawn`.
    """
    with as_worker(None):
        unpaid = SubscriptionPeriod.objects.unpaid().filter(subscription_id=subscription_id)
        orders = list(unpaid.order_by("order_id").values_list("order_id", flat=True))
        held = set(
            Order.objects.select_for_update()
            .filter(pk__in=orders)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        subscription = locked(Subscription, subscription_id)
        now, done = database_now(), False
        for period in unpaid.filter(order_id__in=held).order_by("pk"):
            if subscription.status not in LIVE:
                break
            is_first = subscription.status == SubscriptionStatus.INCOMPLETE
            is_change = period.status == PeriodStatus.PROPOSED
            waits = _under_way(period) and period.created_at > now - PATIENCE
            if waits and (is_first or is_change or subscription.status == SubscriptionStatus.ACTIVE):
                continue
            if is_change:
                period_void(period=period, subscription=subscription, actor=None)
                subscription_moved(
                    subscription=subscription,
                    kind=SubscriptionEventKind.CHANGE_WITHDRAWN,
                    actor=None,
                    changed=("credit",),
                    reason="The change of plan was not paid.",
                    period=period,
                )
            elif is_first:
                subscription_over(
                    subscription=subscription, end=SubscriptionEnd.NEVER_PAID, at=now, actor=None
                )
            elif subscription.status == SubscriptionStatus.ACTIVE:
                dunning_plan(subscription=subscription, period=period, code=NO_ANSWER)
            elif _is_given_up(period, now):
                subscription_over(
                    subscription=subscription,
                    end=SubscriptionEnd.UNPAID,
                    at=now,
                    actor=None,
                    cause=RevocationCause.UNPAID,
                )
            else:
                continue
            done = True
        return done


def _is_given_up(period: SubscriptionPeriod, now: dt.datetime) -> bool:
    """Whether no attempt is left: all were declined, or the last one was due a day ago, whatever is under way."""
    attempts = DunningAttempt.objects.filter(period=period)
    last_due = attempts.aggregate(last=Max("due_at"))["last"]
    if last_due is None:
        return False
    all_made = not attempts.waiting().exists() and not _under_way(period)
    return all_made or last_due <= now - PATIENCE


def dunning_run() -> dict[str, int]:
    """Make the attempts that are due and draw the consequences of what nobody paid; counts. Runs as the worker.

    Each is a transaction of its own, and several workers may share the work.
    """
    counts = {"attempts": 0, "settled": 0}
    with as_worker(None):
        due = list(
            DunningAttempt.objects.filter(status=DunningStatus.PLANNED, due_at__lte=Now())
            .order_by("due_at", "pk")
            .values_list("pk", flat=True)[:MOST_AT_ONCE]
        )
    for attempt_id in due:
        attempt = dunning_attempt_make(dunning_attempt_id=attempt_id)
        counts["attempts"] += attempt.status != DunningStatus.PLANNED
    with as_worker(None):
        unpaid = list(
            SubscriptionPeriod.objects.filter(status__in=UNPAID)
            .order_by("status", "pk")
            .values_list("subscription_id", flat=True)[:MOST_AT_ONCE]
        )
    for subscription_id in dict.fromkeys(unpaid):
        counts["settled"] += unpaid_settle(subscription_id=subscription_id)
    return counts
