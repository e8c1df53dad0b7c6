"""Periods: made with their order, paid, shortened by a change, and let go; and what they entitle to."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from accounts.models import User
from billing.announcements import order_placed
from billing.errors import PaymentRefused, SubscriptionRefused
from billing.models import (
    BillingAddress,
    Entitlement,
    Order,
    OrderLine,
    PaymentIntent,
    PaymentMethod,
    Plan,
    Price,
    Subscription,
    SubscriptionPeriod,
)
from billing.payment_choices import OrderStatus
from billing.services.entitlements import entitlement_end, entitlement_give
from billing.services.orders import order_cancel
from billing.services.payments import payment_attempt_send, payment_intent_create
from billing.subscription_choices import PeriodBasis, PeriodStatus
from billing.taxation import tax_rate_for, tax_split
from billing.wallet_choices import EntitlementSource, RevocationCause
from core.db.clock import database_now
from core.db.refusals import refused_as
from core.errors import Refused
from core.models.identity import uuid7


def period_open(
    *,
    subscription: Subscription,
    plan: Plan,
    price: Price,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    charge: int,
    actor: User | None,
    credit_used: int = 0,
    credit_given: int = 0,
    is_change: bool = False,
    is_trial: bool = False,
) -> SubscriptionPeriod:
    """Write a period, with the order by which it is paid where something is due; credit leaves the subscription.

    The credit is changed on the row in memory; whoever calls saves it. As the worker, under the lock of the
    subscription. Raises: SubscriptionRefused (this period was made already, say), TaxGap.
    Announces: `order_placed`.
    """
    number = 1 + SubscriptionPeriod.objects.filter(subscription=subscription).count()
    due = charge - credit_used
    with refused_as(SubscriptionRefused):
        order = None
        if due:
            order = _order(subscription, plan, price, charge, credit_used, number, actor)
        period = SubscriptionPeriod(
            id=uuid7(),
            subscription=subscription,
            viewer_id=subscription.viewer_id,
            number=number,
            plan=plan,
            price=price,
            starts_at=starts_at,
            ends_at=ends_at,
            basis=PeriodBasis.CHARGE if due else PeriodBasis.TRIAL if is_trial else PeriodBasis.CREDIT,
            status=(PeriodStatus.PROPOSED if is_change else PeriodStatus.OPEN) if due else PeriodStatus.FREE,
            order=order,
            currency_id=subscription.currency_id,
            charge=charge,
            credit_used=credit_used,
            credit_given=credit_given,
        )
        period.save(force_insert=True)
    subscription.credit += credit_given - credit_used
    return period


def _order(
    subscription: Subscription,
    plan: Plan,
    price: Price,
    charge: int,
    credit: int,
    number: int,
    actor: User | None,
) -> Order:
    """The order of a period: one line, its price that of the agreement, its tax that of now."""
    rate = tax_rate_for(subscription.country, database_now(), part=subscription.tax_part or None)
    split = tax_split(charge - credit, rate.rate, price.tax_behaviour)
    payer_id = subscription.payer_id
    order = Order(
        id=uuid7(),
        user_id=payer_id,
        currency_id=subscription.currency_id,
        net=split.net,
        tax=split.tax,
        total=split.gross,
        discount=credit,
        country=subscription.country,
        billing_address_id=BillingAddress.objects.filter(user_id=payer_id, country=subscription.country)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first(),
        idempotency_key=f"subscription:{subscription.pk}:{number}",
    )
    order.save(force_insert=True)
    OrderLine(
        order=order,
        user_id=payer_id,
        position=1,
        product_id=plan.product_id,
        price=price,
        currency_id=subscription.currency_id,
        quantity=1,
        list_amount=charge,
        discount=credit,
        tax_behaviour=price.tax_behaviour,
        tax_rate=rate.rate,
        tax_jurisdiction=rate.jurisdiction,
        net=split.net,
        tax=split.tax,
        total=split.gross,
    ).save(force_insert=True)
    order_placed.send(
        sender=Order,
        actor=actor,
        subject=order,
        detail={"total": order.total, "currency": order.currency_id},
    )
    return order


def period_charge(
    *,
    period: SubscriptionPeriod,
    payer_id: UUID,
    key: str,
    actor: User | None,
    payment_method_id: UUID | None = None,
) -> PaymentIntent | None:
    """Have what a period costs collected by the named method, or by the payer's default one; None: there is none.

    As the worker; the provider is called by a job. Locks: the order. Raises: PaymentRefused (the named method cannot
    be used, or a payment is under way).
    """
    method_id = payment_method_id or default_method(payer_id)
    if method_id is None or period.order_id is None:
        return None
    intent = payment_intent_create(
        order_id=period.order_id, payment_method_id=method_id, idempotency_key=key, actor=actor
    )
    payment_attempt_send(payment_intent_id=intent.pk, actor=actor)
    return intent


def default_method(payer_id: UUID) -> UUID | None:
    """By what a person pays when nobody asks them: their default method, else the one that was added last."""
    usable = PaymentMethod.objects.usable().filter(
        user_id=payer_id, customer__provider_account__closed_at__isnull=True
    )
    found: UUID | None = usable.order_by("-is_default", "-pk").values_list("pk", flat=True).first()
    return found


def period_charge_or_fail(
    *, period: SubscriptionPeriod, payer_id: UUID, key: str, actor: User | None
) -> PaymentIntent | None:
    """As `period_charge` by the default method; what refuses it is as good as no method."""
    try:
        return period_charge(period=period, payer_id=payer_id, key=key, actor=actor)
    except PaymentRefused:
        return None


def period_void(*, period: SubscriptionPeriod, subscription: Subscription, actor: User | None) -> None:
    """Let a period go that nobody paid: its credit returns, its order is cancelled unless a payment is under way.

    Money that comes all the same waits in suspense. An order that is being settled at this moment is left alone, so
    that nobody who holds a subscription waits for an order. The credit is changed in memory. As the worker.
    """
    period.status = PeriodStatus.VOID
    period.save(update_fields=["status"])
    subscription.credit += period.credit_used - period.credit_given
    order = (
        Order.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(subscription_period=period, status=OrderStatus.PLACED)
        .first()
    )
    if order is not None:
        try:
            order_cancel(order_id=order.pk, actor=actor, reason="The period of the subscription was let go.")
        except Refused:
            return


def period_entitle(period: SubscriptionPeriod, performer_id: UUID) -> Entitlement:
    """Entitle the viewer to all of the performer for the period. As the worker. Raises EntitlementRefused."""
    return entitlement_give(
        user_id=period.viewer_id,
        source=EntitlementSource.SUBSCRIPTION,
        since=period.starts_at,
        until=period.ends_at,
        performer_id=performer_id,
        subscription_period=period,
    )


def periods_disentitle(
    periods: Sequence[SubscriptionPeriod], *, cause: RevocationCause, at: dt.datetime
) -> None:
    """End what these periods entitle to, as far as it is not over. As the worker."""
    running = (
        Entitlement.objects.select_for_update()
        .filter(subscription_period__in=periods, revocation__isnull=True, valid__endswith__gt=database_now())
        .order_by("pk")
    )
    for entitlement in running:
        entitlement_end(entitlement=entitlement, cause=cause, at=at)


def last_period(subscription: Subscription) -> SubscriptionPeriod:
    """The last period that stands, with its plan. Every subscription has one until it was never paid."""
    found: SubscriptionPeriod = (
        SubscriptionPeriod.objects.standing()
        .select_related("plan", "price")
        .filter(subscription=subscription)
        .latest("starts_at")
    )
    return found
