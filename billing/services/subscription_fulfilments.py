"""What money for a period does: it is paid, the viewer entitled, the net shared out; and what a refund undoes."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from billing.announcements import payment_declined
from billing.catalogue_choices import ProductKind
from billing.fulfilment import register_fulfilment
from billing.models import OrderLine, Payment, Subscription, SubscriptionPeriod
from billing.services.dunning import charge_declined, dunning_paid
from billing.services.journal import Line
from billing.services.line_shares import line_share_out, line_suspend, line_take_back
from billing.services.subscription_changes import change_make
from billing.services.subscription_endings import subscription_over
from billing.services.subscription_events import subscription_moved
from billing.services.subscription_periods import period_entitle, periods_disentitle
from billing.subscription_choices import (
    LIVE,
    UNPAID,
    PeriodBasis,
    PeriodStatus,
    SubscriptionEnd,
    SubscriptionEventKind,
    SubscriptionStatus,
)
from billing.wallet_choices import RevocationCause, SpendKind
from core.db.clock import database_now
from core.db.locking import locked

WAITING = "subscriptions"
"""The suspense account of money for periods that were let go."""


def subscription_fulfil(line: OrderLine, payment: Payment) -> Sequence[Line]:
    """The period is paid, and its net shared out; a first period begins the access, a change of plan is made.

    Money for a period that was let go meanwhile waits in suspense, with an exception. Locks: the subscription (the
    order is held by the settlement). As the worker.
    """
    period = SubscriptionPeriod.objects.select_related("plan", "price").filter(order_id=line.order_id).first()
    if period is None:
        return line_suspend(line, payment, waiting=WAITING, words="Paid, and no subscription belongs to it.")
    subscription = locked(Subscription, period.subscription_id)
    period.refresh_from_db(fields=["status", "ends_at"])
    if period.status not in UNPAID or subscription.status not in LIVE:
        return line_suspend(
            line, payment, waiting=WAITING, words="Paid after the period of the subscription was let go."
        )
    now = database_now()
    if period.status == PeriodStatus.PROPOSED:
        change_make(subscription=subscription, period=period, at=now, actor=None)
    else:
        _paid(subscription, period, payment)
    return line_share_out(line, performer_id=subscription.performer_id, kind=SpendKind.SUBSCRIPTION, at=now)


def _paid(subscription: Subscription, period: SubscriptionPeriod, payment: Payment) -> None:
    period.status, period.paid_at = PeriodStatus.PAID, database_now()
    period.save(update_fields=["status", "paid_at"])
    dunning_paid(period, payment)
    before, subscription.status = subscription.status, SubscriptionStatus.ACTIVE
    if before == SubscriptionStatus.INCOMPLETE:
        period_entitle(period, subscription.performer_id)
        kind = SubscriptionEventKind.ACTIVATED
    elif before == SubscriptionStatus.PAST_DUE:
        kind = SubscriptionEventKind.RECOVERED
    else:
        return
    subscription_moved(subscription=subscription, kind=kind, actor=None, changed=("status",), period=period)


def subscription_reverse(line: OrderLine, payment: Payment, amount: int) -> Sequence[Line]:
    """Take `amount` back from performer, studio and platform in proportion.

    With the whole of it the access by that period ends, and the subscription where nothing was paid since: where it is
    the present period, or those after it live on its credit.
    Locks: the subscription. As the worker.
    """
    now = database_now()
    if line.net_reversed + amount >= line.net:
        found = SubscriptionPeriod.objects.filter(order_id=line.order_id, status=PeriodStatus.PAID)
        subscription_id = found.values_list("subscription_id", flat=True).first()
        if subscription_id is not None:
            _end_refunded(locked(Subscription, subscription_id), found.get())
    return line_take_back(line, amount, at=now, waiting=WAITING)


def _end_refunded(subscription: Subscription, period: SubscriptionPeriod) -> None:
    now = database_now()
    period.status = PeriodStatus.REFUNDED
    period.save(update_fields=["status"])
    periods_disentitle([period], cause=RevocationCause.REFUND, at=now)
    since = SubscriptionPeriod.objects.standing().filter(
        subscription=subscription, starts_at__gt=period.starts_at
    )
    if subscription.status in LIVE and not since.exclude(basis=PeriodBasis.CREDIT).exists():
        subscription_over(
            subscription=subscription,
            end=SubscriptionEnd.REFUNDED,
            at=now,
            actor=None,
            cause=RevocationCause.REFUND,
        )


@receiver(payment_declined)
def hear_decline(sender: Any, subject: Payment, detail: dict[str, Any], **_: Any) -> None:
    """Plan further attempts for a declined renewal; what follows of other declines is drawn by a job."""
    # The job belongs to a module that imports this one's neighbours.
    from billing.jobs import subscription_settle_unpaid

    subscription_id = charge_declined(subject, str(detail.get("decline_code", "")))
    if subscription_id is not None:
        subscription_settle_unpaid.enqueue(subscription_id=subscription_id, key=str(subscription_id))


register_fulfilment(ProductKind.SUBSCRIPTION, subscription_fulfil, subscription_reverse)
