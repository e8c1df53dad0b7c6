"""Moving a subscription to another plan: at once, prorated by the second, or from the next period on."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.anchoring import anchored_start, whole_second
from billing.errors import PlanRefused, SubscriptionRefused
from billing.models import Plan, Price, Subscription, SubscriptionPeriod
from billing.proration import Proration, proration
from billing.services.prices import price_for, price_total
from billing.services.subscription_events import check_whose, subscription_moved
from billing.services.subscription_periods import (
    last_period,
    period_charge,
    period_entitle,
    period_open,
    periods_disentitle,
)
from billing.services.wallets import as_worker
from billing.subscription_choices import (
    MONTHS,
    PeriodBasis,
    PeriodStatus,
    PlanInterval,
    SubscriptionEventKind,
    SubscriptionStatus,
)
from billing.wallet_choices import RevocationCause
from core.db.clock import database_now
from core.db.locking import NotThere, locked

SECOND = dt.timedelta(seconds=1)


@transaction.atomic
def subscription_plan_change(
    *,
    subscription_id: UUID,
    plan_id: UUID,
    actor: User | None,
    reason: str = "",
    at_period_end: bool | None = None,
    payment_method_id: UUID | None = None,
    expected_version: int | None = None,
) -> SubscriptionPeriod | None:
    """Move a subscription to another plan of its performer, at the price of now.

    At once: the present period ends at this second, and the rest of it is one of the new plan, which costs its part of
    the new price less the unused part of the old one. What is due is charged, and the change is made when it is paid;
    what is left over stays as credit for the next charges. At the end of the period (on trial, and with another
    interval, always): the next period is one of the new plan. Unless said otherwise a dearer plan holds at once and a
    cheaper one from the next period on. Returns the new period; None: it begins later.

    Locks: the subscription. Raises: SubscriptionRefused (not active, a gift, the same plan at the same price, the
    period is not paid or ends at this moment, a change is under way, nothing to pay by, one's own as staff),
    PlanRefused, PaymentRefused, PriceGap, TaxGap, NotThere, StaleVersion. Announces: `subscription_changed` once it
    is made, or `subscription_change_planned`, `order_placed`.
    """
    seen = Subscription.objects.filter(pk=subscription_id).first()
    if seen is None:
        raise NotThere("There is no such subscription, or your role may not see it.")
    check_whose(seen, actor)
    with as_worker(actor):
        subscription = locked(Subscription, subscription_id, expected_version=expected_version)
        now = database_now()
        plan = _wanted(subscription, plan_id)
        price = price_for(plan.product, subscription.country, now, currency=subscription.currency_id)
        if plan.pk == subscription.plan_id and price.pk == subscription.price_id:
            raise SubscriptionRefused("This is its plan already, at this price.")
        _check_state(subscription, now)
        if at_period_end is None:
            at_period_end = price_total(price) < price_total(subscription.price)
        if (
            at_period_end
            or subscription.status == SubscriptionStatus.TRIALING
            or plan.interval != subscription.plan.interval
        ):
            _plan_ahead(subscription, plan, price, actor, reason)
            return None
        return _change_now(subscription, plan, price, now, actor, reason, payment_method_id)


@transaction.atomic
def subscription_change_withdraw(
    *, subscription_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> Subscription:
    """Keep the present plan after all, where another one was to come with the next period.

    Locks: the subscription. Raises: SubscriptionRefused (none was to come), NotThere, StaleVersion.
    Announces: `subscription_change_withdrawn`.
    """
    seen = Subscription.objects.filter(pk=subscription_id).first()
    if seen is None:
        raise NotThere("There is no such subscription, or your role may not see it.")
    check_whose(seen, actor)
    with as_worker(actor):
        subscription = locked(Subscription, subscription_id, expected_version=expected_version)
        if subscription.next_plan_id is None:
            raise SubscriptionRefused("No other plan was to come.")
        subscription.next_plan = subscription.next_price = None
        subscription_moved(
            subscription=subscription,
            kind=SubscriptionEventKind.CHANGE_WITHDRAWN,
            actor=actor,
            reason=reason,
            changed=("next_plan", "next_price"),
        )
    return subscription


def _wanted(subscription: Subscription, plan_id: UUID) -> Plan:
    plan = Plan.objects.select_related("product").filter(pk=plan_id).first()
    if plan is None or plan.performer_id != subscription.performer_id:
        raise PlanRefused("This performer has no such plan.")
    if plan.closed_at is not None:
        raise PlanRefused("This plan is no longer offered.")
    return plan


def _check_state(subscription: Subscription, now: dt.datetime) -> None:
    if subscription.giver_id is not None:
        raise SubscriptionRefused("A gift stays as it was given.")
    if subscription.status not in (SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING):
        raise SubscriptionRefused(
            f"This cannot be done now: it is {subscription.get_status_display().lower()}."
        )
    if subscription.renews_at is None or subscription.renews_at <= now:
        raise SubscriptionRefused(
            "Its period ends at this moment: the change is one of the next period. Try again."
        )
    if subscription.cancels_at is not None:
        raise SubscriptionRefused("It was cancelled. Resume it first.")
    if SubscriptionPeriod.objects.filter(subscription=subscription, status=PeriodStatus.PROPOSED).exists():
        raise SubscriptionRefused("A change of plan waits for its payment already.")


def _plan_ahead(
    subscription: Subscription, plan: Plan, price: Price, actor: User | None, reason: str
) -> None:
    if plan.pk == subscription.next_plan_id and price.pk == subscription.next_price_id:
        raise SubscriptionRefused("This plan comes with the next period already.")
    subscription.next_plan, subscription.next_price = plan, price
    subscription_moved(
        subscription=subscription,
        kind=SubscriptionEventKind.CHANGE_PLANNED,
        actor=actor,
        reason=reason,
        changed=("next_plan", "next_price"),
    )


def change_prorated(
    subscription: Subscription, period: SubscriptionPeriod, price: Price, at: dt.datetime
) -> Proration:
    """What a change of plan at `at` (a whole second) within a period costs, in minor units."""
    months = MONTHS[PlanInterval(period.plan.interval)]
    return proration(
        before=period.charge,
        after=price_total(price),
        starts_at=period.starts_at,
        ends_at=period.ends_at,
        at=at,
        whole_starts_at=anchored_start(
            period.ends_at, months, day=subscription.anchor_day, time=subscription.anchor_time
        ),
    )


def _change_now(
    subscription: Subscription,
    plan: Plan,
    price: Price,
    now: dt.datetime,
    actor: User | None,
    reason: str,
    payment_method_id: UUID | None,
) -> SubscriptionPeriod:
    present = last_period(subscription)
    if present.status not in (PeriodStatus.PAID, PeriodStatus.FREE) or present.basis == PeriodBasis.TRIAL:
        raise SubscriptionRefused(
            "The present period is not paid. Wait for its payment, or choose the next period."
        )
    at = max(whole_second(now), present.starts_at + SECOND)
    if at >= present.ends_at:
        raise SubscriptionRefused(
            "Its period ends at this moment: the change is one of the next period. Try again."
        )
    end = present.ends_at
    cost = change_prorated(subscription, present, price, at)
    used = min(cost.charge, cost.credit + subscription.credit)
    if used == cost.charge:
        _shorten(present, at)
    period = period_open(
        subscription=subscription,
        plan=plan,
        price=price,
        starts_at=at,
        ends_at=end,
        charge=cost.charge,
        credit_given=cost.credit,
        credit_used=used,
        is_change=True,
        actor=actor,
    )
    if period.status == PeriodStatus.FREE:
        # Nothing is due: the change is made at once, and what is left over stays as credit.
        _take_place(subscription, present, period, actor, reason)
        return period
    subscription.save(update_fields=["credit"])
    intent = period_charge(
        period=period,
        payer_id=subscription.payer_id,
        key=f"period:{period.pk}",
        actor=actor,
        payment_method_id=payment_method_id,
    )
    if intent is None:
        raise SubscriptionRefused("There is nothing to pay by. Add a payment method first.")
    return period


def _shorten(present: SubscriptionPeriod, at: dt.datetime) -> None:
    present.ends_at = at
    present.save(update_fields=["ends_at"])


def change_make(
    *, subscription: Subscription, period: SubscriptionPeriod, at: dt.datetime, actor: User | None
) -> None:
    """A change of plan was paid: the present period ends where the new one begins, which takes its place.

    As the worker, under the lock of the subscription. Announces: `subscription_changed`.
    """
    present = last_period(subscription)
    _shorten(present, period.starts_at)
    period.status, period.paid_at = PeriodStatus.PAID, at
    period.save(update_fields=["status", "paid_at"])
    _take_place(subscription, present, period, actor, "")


def _take_place(
    subscription: Subscription,
    present: SubscriptionPeriod,
    period: SubscriptionPeriod,
    actor: User | None,
    reason: str,
) -> None:
    before = subscription.plan
    subscription.plan, subscription.price = period.plan, period.price
    subscription.next_plan = subscription.next_price = None
    subscription_moved(
        subscription=subscription,
        kind=SubscriptionEventKind.CHANGED,
        actor=actor,
        reason=reason,
        changed=("plan", "price", "next_plan", "next_price", "credit"),
        period=period,
        detail={
            "from": str(before.pk),
            "to": str(period.plan_id),
            "charge": period.charge,
            "credit": period.credit_given,
        },
    )
    if period.ends_at > database_now():
        periods_disentitle([present], cause=RevocationCause.CHANGE, at=period.starts_at)
        period_entitle(period, subscription.performer_id)
