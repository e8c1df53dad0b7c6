"""Orders: prices, discounts and taxes are frozen when one is placed, whatever the catalogue says later."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import order_cancelled, order_placed
from billing.catalogue_choices import ProductKind, RedemptionStatus
from billing.errors import CodeUnknown, OrderRefused
from billing.fulfilment import fulfilment_of
from billing.idempotency import once
from billing.models import (
    BillingAddress,
    Order,
    OrderLine,
    Payment,
    PaymentAttempt,
    Product,
    PromotionCode,
    PromotionRedemption,
)
from billing.money import Money
from billing.payment_choices import OrderStatus, PaymentStatus
from billing.services.prices import price_for, price_total
from billing.services.promotion_redemptions import (
    promotion_redemption_release,
    promotion_redemption_reserve,
)
from billing.taxation import tax_rate_for, tax_split
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role
from core.models.identity import uuid7

MOST_LINES = 20
OVER = (PaymentStatus.FAILED, PaymentStatus.VOIDED)


@dataclass(frozen=True, slots=True)
class OrderItem:
    """So many of one product."""

    product_id: UUID
    quantity: int = 1


@transaction.atomic
def order_place(
    *,
    user: User,
    items: Sequence[OrderItem],
    country: str,
    currency: str,
    idempotency_key: str,
    actor: User | None,
    tax_part: str | None = None,
    promotion_code: str = "",
    billing_address_id: UUID | None = None,
) -> Order:
    """Order products at the prices of now in a country, with its tax; the use of a promotion code is reserved.

    `tax_part` is a part of the country with a tax of its own (PT-20). A code is used on the dearest line that it is
    for. The same key with the same arguments gives the first order again. Locks: by trigger the promotion and its
    code. Raises: OrderRefused (nothing or too much ordered, a product that is not for sale, nothing left to pay, an
    address of somebody else), PriceGap, PriceRefused, TaxGap, TaxRefused, CodeUnknown, PromotionRefused,
    MoneyRefused, KeyReused. Announces: `order_placed`.
    """

    def place() -> Order:
        order_id, now = uuid7(), database_now()
        lines = [
            _line(order_id, user, position, item, country, currency, tax_part, now)
            for position, item in enumerate(items, start=1)
        ]
        if promotion_code.strip():
            _discount(lines, promotion_code, currency, actor)
        for line in lines:
            _tax(line)
        order = Order(
            id=order_id,
            user=user,
            currency_id=currency,
            net=sum(line.net for line in lines),
            tax=sum(line.tax for line in lines),
            total=sum(line.total for line in lines),
            discount=sum(line.discount for line in lines),
            country=country,
            billing_address_id=billing_address_id,
            idempotency_key=idempotency_key,
        )
        if order.total == 0:
            raise OrderRefused("Nothing is left to pay. What is free is given, not ordered.")
        with refused_as(OrderRefused):
            order.save(force_insert=True)
            OrderLine.objects.bulk_create(lines)
        return order

    if not 1 <= len(items) <= MOST_LINES:
        raise OrderRefused(f"An order has 1 to {MOST_LINES} lines.")
    arguments = {
        "user": user.pk,
        "items": [(item.product_id, item.quantity) for item in items],
        "country": country,
        "currency": currency,
        "tax_part": tax_part,
        "code": promotion_code.strip().casefold(),
        "address": billing_address_id,
    }
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        _check_address(user, billing_address_id)
        order, is_new = once(
            Order, place, operation="order_place", key=f"{user.pk}:{idempotency_key}", arguments=arguments
        )
    if is_new:
        order_placed.send(
            sender=Order, actor=actor, subject=order, detail={"total": order.total, "currency": currency}
        )
    return order


def _check_address(user: User, billing_address_id: UUID | None) -> None:
    if billing_address_id is None:
        return
    if not BillingAddress.objects.filter(pk=billing_address_id, user=user).exists():
        raise OrderRefused("The person has no such billing address.")


def _line(
    order_id: UUID,
    user: User,
    position: int,
    item: OrderItem,
    country: str,
    currency: str,
    tax_part: str | None,
    now: dt.datetime,
) -> OrderLine:
    product = Product.objects.filter(pk=item.product_id).first()
    if product is None or not product.is_offered or fulfilment_of(product.kind) is None:
        raise OrderRefused("This product is not for sale.")
    if product.kind == ProductKind.SUBSCRIPTION:
        raise OrderRefused("One subscribes to a plan: a subscription begins, and orders follow from it.")
    price = price_for(product, country, now, currency=currency)
    rate = tax_rate_for(country, now, part=tax_part)
    return OrderLine(
        order_id=order_id,
        user=user,
        position=position,
        product=product,
        price=price,
        currency_id=currency,
        quantity=item.quantity,
        list_amount=price_total(price, item.quantity),
        tax_behaviour=price.tax_behaviour,
        tax_rate=rate.rate,
        tax_jurisdiction=rate.jurisdiction,
    )


def _discount(lines: Sequence[OrderLine], code: str, currency: str, actor: User | None) -> None:
    """Reserve the use of a code, and take what it gives from the line on which it is used."""
    found = PromotionCode.objects.called(code).select_related("promotion").first()
    if found is None:
        raise CodeUnknown(f"There is no promotion code {code.strip()[:40]!r}.")
    wanted = found.promotion.product_id
    fitting = [line for line in lines if wanted in (None, line.product_id)] or list(lines)
    line = max(fitting, key=lambda line: line.list_amount)
    use = promotion_redemption_reserve(
        code=code,
        user_id=line.user_id,
        order_id=line.order_id,
        purchase=Money(line.list_amount, currency),
        product_id=line.product_id,
        actor=actor,
    )
    line.discount, line.bonus_tokens = use.discount, use.bonus_tokens


def _tax(line: OrderLine) -> None:
    split = tax_split(line.list_amount - line.discount, Decimal(line.tax_rate), line.tax_behaviour)
    line.net, line.tax, line.total = split.net, split.tax, split.gross


@transaction.atomic
def order_cancel(*, order_id: UUID, actor: User | None, reason: str) -> Order:
    """Give up an order that is not paid; the use of its promotion code is free again.

    Locks: the order, then the uses of codes. Raises: OrderRefused (a payment of it is under way, or something is
    authorised), IllegalTransition, NotThere. Announces: `order_cancelled`.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        order = locked(Order, order_id)
        Order.status_machine.check(order.status, OrderStatus.CANCELLED)
        if PaymentAttempt.objects.in_flight().filter(payment__order=order).exists():
            raise OrderRefused("A payment of this order is under way. Wait for what comes of it.")
        if Payment.objects.filter(order=order).exclude(status__in=OVER).exists():
            raise OrderRefused(
                "Money is authorised or captured for this order. Void or refund its payment first."
            )
        order.status, order.cancelled_at = OrderStatus.CANCELLED, database_now()
        order.save(update_fields=["status", "cancelled_at"])
        reserved = PromotionRedemption.objects.filter(order_id=order.pk, status=RedemptionStatus.RESERVED)
        for redemption_id in list(reserved.order_by("pk").values_list("pk", flat=True)):
            promotion_redemption_release(redemption_id=redemption_id, actor=actor)
    order_cancelled.send(sender=Order, actor=actor, subject=order, reason=reason, changed=("status",))
    return order
