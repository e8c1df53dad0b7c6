"""Subscriptions end: cancelled at the end of their period, resumed before it, or ended at once."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.errors import SubscriptionRefused
from billing.models import DunningAttempt, Subscription, SubscriptionPeriod
from billing.services.subscription_events import check_whose, subscription_moved
from billing.services.subscription_periods import (
    period_void,
    periods_disentitle,
)
from billing.services.wallets import as_worker
from billing.subscription_choices import (
    OVER,
    RUNNING,
    STANDING,
    DunningStatus,
    SubscriptionEnd,
    SubscriptionEventKind,
    SubscriptionStatus,
)
from billing.wallet_choices import RevocationCause
from core.db.clock import database_now
from core.db.locking import NotThere, locked

STATUS_OF_END = {
    SubscriptionEnd.UNPAID: SubscriptionStatus.UNPAID,
    SubscriptionEnd.NEVER_PAID: SubscriptionStatus.NEVER_PAID,
}


@transaction.atomic
def subscription_cancel(
    *, subscription_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> Subscription:
    """Let a subscription end with its present period, until when it stays as it is.

    Locks: the subscription. Raises: SubscriptionRefused (cancelled already, over, waits for its first payment, one's
    own as staff), NotThere, StaleVersion. Announces: `subscription_cancelled`.
    """

    def cancel(subscription: Subscription) -> None:
        if subscription.cancels_at is not None:
            raise SubscriptionRefused(f"It ends on {subscription.cancels_at:%d %B %Y, %H:%M} UTC already.")
        subscription.cancels_at = subscription.renews_at
        subscription.next_plan = subscription.next_price = None
        subscription_moved(
            subscription=subscription,
            kind=SubscriptionEventKind.CANCELLED,
            actor=actor,
            reason=reason,
            changed=("cancels_at", "next_plan", "next_price"),
        )

    return _decided(subscription_id, actor, expected_version, cancel)


@transaction.atomic
def subscription_resume(
    *, subscription_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> Subscription:
    """Let a cancelled subscription go on after all, before it ends.

    Locks: the subscription. Raises: SubscriptionRefused (not cancelled, a gift, over), NotThere, StaleVersion.
    Announces: `subscription_resumed`.
    """

    def resume(subscription: Subscription) -> None:
        if subscription.cancels_at is None:
            raise SubscriptionRefused("This subscription was not cancelled.")
        if subscription.giver_id is not None:
            raise SubscriptionRefused("A gift is not renewed. Subscribe once it is over.")
        subscription.cancels_at = None
        subscription_moved(
            subscription=subscription,
            kind=SubscriptionEventKind.RESUMED,
            actor=actor,
            reason=reason,
            changed=("cancels_at",),
        )

    return _decided(subscription_id, actor, expected_version, resume)


@transaction.atomic
def subscription_end(
    *, subscription_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> Subscription:
    """End a subscription and its access at once, as staff. What was paid is refunded apart, from the payment's page.

    Locks: the subscription. Raises: SubscriptionRefused (over, one's own), NotThere, StaleVersion.
    Announces: `subscription_ended`.
    """

    def end(subscription: Subscription) -> None:
        subscription_over(
            subscription=subscription,
            end=SubscriptionEnd.STAFF,
            at=database_now(),
            actor=actor,
            reason=reason,
            cause=RevocationCause.SUBSCRIPTION_ENDED,
        )

    return _decided(
        subscription_id, actor, expected_version, end, among=(*RUNNING, SubscriptionStatus.INCOMPLETE)
    )


def _decided(
    subscription_id: UUID,
    actor: User | None,
    expected_version: int | None,
    decide: Callable[[Subscription], None],
    among: tuple[SubscriptionStatus, ...] = RUNNING,
) -> Subscription:
    seen = Subscription.objects.filter(pk=subscription_id).first()
    if seen is None:
        raise NotThere("There is no such subscription, or your role may not see it.")
    check_whose(seen, actor)
    with as_worker(actor):
        subscription = locked(Subscription, subscription_id, expected_version=expected_version)
        if subscription.status not in among:
            raise SubscriptionRefused(
                f"This cannot be done now: it is {subscription.get_status_display().lower()}."
            )
        decide(subscription)
    return subscription


def subscription_over(
    *,
    subscription: Subscription,
    end: SubscriptionEnd,
    at: dt.datetime,
    actor: User | None,
    reason: str = "",
    cause: RevocationCause | None = None,
) -> None:
    """End a locked subscription. With a `cause` its access ends at `at`, without one it was over by itself.

    Periods that nobody paid are let go, and no further attempt is made. As the worker.
    Announces: `subscription_ended`.
    """
    if subscription.status in OVER:
        raise SubscriptionRefused("This subscription is over.")
    DunningAttempt.objects.filter(period__subscription=subscription).waiting().update(
        status=DunningStatus.SKIPPED
    )
    periods = SubscriptionPeriod.objects.filter(subscription=subscription)
    if cause is not None:
        periods_disentitle(list(periods.filter(status__in=STANDING)), cause=cause, at=at)
    for period in periods.unpaid().order_by("pk"):
        period_void(period=period, subscription=subscription, actor=actor)
    subscription.status = STATUS_OF_END.get(end, SubscriptionStatus.ENDED)
    subscription.ended_at, subscription.end_reason, subscription.renews_at = at, end, None
    subscription.next_plan = subscription.next_price = None
    subscription_moved(
        subscription=subscription,
        kind=SubscriptionEventKind.ENDED,
        actor=actor,
        reason=reason or end.label,
        changed=("status", "ended_at", "end_reason", "renews_at", "next_plan", "next_price", "credit"),
        detail={"why": end.value, "credit_left": subscription.credit},
    )
