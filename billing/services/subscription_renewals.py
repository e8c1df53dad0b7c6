"""Renewal: when a period ends, the next one begins, or the subscription is over; many workers may share the work."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from billing.anchoring import anchored_end
from billing.models import Subscription, SubscriptionPeriod
from billing.services.dunning import dunning_plan
from billing.services.prices import price_total
from billing.services.subscription_endings import subscription_over
from billing.services.subscription_events import subscription_moved
from billing.services.subscription_periods import (
    last_period,
    period_charge_or_fail,
    period_entitle,
    period_open,
    period_void,
)
from billing.services.subscriptions import barred_from
from billing.services.wallets import as_worker
from billing.subscription_choices import (
    MONTHS,
    RUNNING,
    PeriodStatus,
    PlanInterval,
    SubscriptionEnd,
    SubscriptionEventKind,
    SubscriptionStatus,
)
from core.db.clock import database_now
from core.errors import Refused

MOST_AT_ONCE = 10_000

OPEN = SubscriptionPeriod.objects.filter(subscription=OuterRef("pk"), status=PeriodStatus.OPEN)


def subscriptions_due() -> list[UUID]:
    """What is to be renewed or ends, the longest due first; not what waits for the money of its last period."""
    return list(
        Subscription.objects.filter(renews_at__lte=Now(), status__in=RUNNING)
        .exclude(Exists(OPEN))
        .order_by("renews_at", "pk")
        .values_list("pk", flat=True)[:MOST_AT_ONCE]
    )


@transaction.atomic
def subscription_renew(*, subscription_id: UUID, wait: bool = True) -> SubscriptionPeriod | None:
    """Begin the next period of a subscription whose period is over, or end it; None: nothing was begun.

    However many workers come at once, one begins the period: the others wait for the lock (`wait`, else they pass on)
    and find it begun; the database takes no second one. Nobody pays for a period in which nobody could watch: one that
    would be over already is not begun, and the subscription lapses. The viewer has access from the beginning of the
    period, and loses it when every charge failed. Locks: the subscription. Runs as the worker.
    Raises: TaxGap. Announces: `subscription_renewed` or `subscription_ended`, `order_placed`.
    """
    with as_worker(None):
        subscription = (
            Subscription.objects.select_for_update(skip_locked=not wait).filter(pk=subscription_id).first()
        )
        now = database_now()
        if (
            subscription is None
            or subscription.status not in RUNNING
            or subscription.renews_at is None
            or subscription.renews_at > now
            or last_period(subscription).status == PeriodStatus.OPEN
        ):
            return None
        start = subscription.renews_at
        for proposed in SubscriptionPeriod.objects.filter(
            subscription=subscription, status=PeriodStatus.PROPOSED
        ):
            period_void(period=proposed, subscription=subscription, actor=None)
        plan = subscription.next_plan or subscription.plan
        price = subscription.next_price or subscription.price
        months = MONTHS[PlanInterval(plan.interval)]
        end = anchored_end(start, months, day=subscription.anchor_day, time=subscription.anchor_time)
        reason = _over(subscription)
        if reason is None and end <= now:
            reason = SubscriptionEnd.LAPSED
        if reason is not None:
            subscription_over(subscription=subscription, end=reason, at=start, actor=None)
            return None
        charge = price_total(price)
        period = period_open(
            subscription=subscription,
            plan=plan,
            price=price,
            starts_at=start,
            ends_at=end,
            charge=charge,
            credit_used=min(subscription.credit, charge),
            actor=None,
        )
        subscription.plan, subscription.price = plan, price
        subscription.next_plan = subscription.next_price = None
        subscription.renews_at = end
        subscription.status = SubscriptionStatus.ACTIVE
        subscription_moved(
            subscription=subscription,
            kind=SubscriptionEventKind.RENEWED,
            actor=None,
            changed=("plan", "price", "next_plan", "next_price", "renews_at", "status", "credit"),
            period=period,
        )
        period_entitle(period, subscription.performer_id)
        if period.status == PeriodStatus.OPEN:
            intent = period_charge_or_fail(
                period=period, payer_id=subscription.payer_id, key=f"period:{period.pk}", actor=None
            )
            if intent is None:
                dunning_plan(subscription=subscription, period=period, code="no_method")
        return period


def _over(subscription: Subscription) -> SubscriptionEnd | None:
    """Why it is not renewed; None: it is."""
    if subscription.cancels_at is not None:
        return SubscriptionEnd.GIFT_OVER if subscription.giver_id else SubscriptionEnd.CANCELLED
    barred = barred_from(subscription.viewer_id, subscription.performer_id)
    return barred[0] if barred else None


def subscriptions_renew() -> dict[str, int]:
    """Renew or end whatever is due, each in a transaction of its own; counts. Runs as the worker.

    One that somebody else holds is left to them. One that is refused, for want of a tax rate say, waits for the next
    run and is counted.
    """
    counts = {"renewed": 0, "ended": 0, "refused": 0}
    with as_worker(None):
        due = subscriptions_due()
    for subscription_id in due:
        try:
            period = subscription_renew(subscription_id=subscription_id, wait=False)
        except Refused:
            counts["refused"] += 1
            continue
        if period is not None:
            counts["renewed"] += 1
        else:
            with as_worker(None):
                over = Subscription.objects.filter(pk=subscription_id, ended_at__isnull=False)
                counts["ended"] += over.exists()
    return counts
