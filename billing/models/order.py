"""What people order: prices, discounts and taxes as they were at that moment."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from billing.amounts import amount_field, amount_rule
from billing.catalogue_triggers import MarksPriceSold
from billing.models.currency import in_currency
from billing.payment_choices import OrderStatus
from billing.payment_policies import payment_policies
from core.db.constraints import length_between, matches, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.privacy import not_personal, personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Entity, Volume


class Order(Entity):
    """One row per order of a person. Total, net and tax are those of its lines.

    Written by `billing.services.orders`; its payment moves it on.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="orders",
        db_comment="Who ordered.",
    )
    status = models.TextField(
        choices=OrderStatus, default=OrderStatus.PLACED, db_comment="Where the order stands."
    )
    currency = in_currency("orders", "Currency of the amounts.")
    net = amount_field("What the platform earns, without tax.")
    tax = amount_field("Tax.")
    total = amount_field("What the person pays.")
    discount = amount_field("What a promotion took from the prices.", default=0)
    country = personal(models.TextField(db_comment="Country that decided price and tax, ISO 3166-1 alpha-2."))
    billing_address = not_personal(
        models.ForeignKey(
            "billing.BillingAddress",
            models.PROTECT,
            null=True,
            blank=True,
            related_name="orders",
            db_comment="Where the bill goes; null: nowhere.",
        )
    )
    idempotency_key = models.TextField(
        db_comment="Names the order for whoever places it; a repetition finds it."
    )
    paid_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was fulfilled (UTC); null: not yet."
    )
    cancelled_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was cancelled (UTC); null: it was not."
    )

    status_machine: ClassVar[StateMachine] = StateMachine(
        OrderStatus,
        initial=[OrderStatus.PLACED],
        moves={
            OrderStatus.PLACED: [OrderStatus.PAID, OrderStatus.CANCELLED],
            OrderStatus.PAID: [OrderStatus.PARTLY_REFUNDED, OrderStatus.REFUNDED],
            OrderStatus.PARTLY_REFUNDED: [OrderStatus.REFUNDED],
        },
    )

    class Meta:
        db_table_comment = "One row per order of a person. Written by billing.services.orders. Kept 10 years."
        permissions = [("cancel_order", "Can cancel orders")]
        constraints = [
            amount_rule("net"),
            amount_rule("tax"),
            amount_rule("discount"),
            amount_rule("total", least=1),
            rule(Q(total=F("net") + F("tax")), "sum", "The total of an order is its net and its tax."),
            matches("country", "^[A-Z]{2}$", "A country is written as two capital letters."),
            length_between("idempotency_key", 1, 255),
            rule(
                Q(status=OrderStatus.CANCELLED, cancelled_at__isnull=False)
                | ~Q(status=OrderStatus.CANCELLED) & Q(cancelled_at__isnull=True),
                "cancelled_at",
                "An order has a time of cancellation when it is cancelled.",
            ),
            rule(
                Q(status__in=[OrderStatus.PLACED, OrderStatus.CANCELLED], paid_at__isnull=True)
                | ~Q(status__in=[OrderStatus.PLACED, OrderStatus.CANCELLED]) & Q(paid_at__isnull=False),
                "paid_at",
                "An order has a time of payment when it is paid.",
            ),
            unique("user", "idempotency_key", message="There is an order with this key."),
            *payment_policies(own="user_id"),
        ]
        indexes = [
            BTree(fields=["user", "-id"], serves="docs/queries/orders_of_person.sql: newest first"),
            BTree(
                fields=["paid_at", "id"],
                condition=Q(paid_at__isnull=False),
                serves="docs/queries/orders_without_invoice.sql: paid orders of a time, for invoices and the close",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable(
                "user",
                "currency",
                "net",
                "tax",
                "total",
                "discount",
                "country",
                "billing_address",
                "idempotency_key",
            ),
            RefuseErasedPerson(),
        ]

    def __str__(self) -> str:
        return f"order {self.pk}"


class OrderLine(Entity):
    """One row per product of an order, with price, discount and tax frozen; what was refunded of it is counted.

    Written by `billing.services.orders`, the counters by `billing.services.settlement`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    order = models.ForeignKey(
        "billing.Order",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="lines",
        db_comment="The order of which it is a line.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="order_lines",
        db_comment="Who ordered.",
    )
    position = models.SmallIntegerField(db_comment="Place in the order, from 1.")
    product = models.ForeignKey(
        "billing.Product", models.PROTECT, related_name="order_lines", db_comment="What was ordered."
    )
    price = models.ForeignKey(
        "billing.Price",
        models.PROTECT,
        related_name="order_lines",
        db_comment="The price that was in force; immutable since.",
    )
    currency = in_currency("order_lines", "Currency of the amounts.")
    quantity = models.IntegerField(default=1, db_comment="How many of the product.")
    list_amount = amount_field("What it costs by its price, before discount and tax.")
    discount = amount_field("What a promotion took from the line.", default=0)
    tax_behaviour = models.TextField(
        db_comment="Whether the price has the tax in it: inclusive or exclusive."
    )
    tax_rate = models.DecimalField(
        max_digits=20, decimal_places=10, db_comment="Rate of the tax as a fraction, as 0.19; 0: none."
    )
    tax_jurisdiction = models.TextField(db_comment="Whose tax it is, as DE or PT-20.")
    net = amount_field("Without tax, after the discount.")
    tax = amount_field("Tax.")
    total = amount_field("With tax, after the discount.")
    bonus_tokens = models.BigIntegerField(
        default=0, db_comment="Tokens on top that a promotion gives with the line; 0: none."
    )
    net_reversed = amount_field("What of the net was refunded, whatever the way.", default=0)
    tax_reversed = amount_field("What of the tax was refunded.", default=0)

    class Meta:
        db_table_comment = (
            "One row per product of an order, prices and taxes frozen. Written by billing.services.orders. "
            "Kept 10 years."
        )
        constraints = [
            rule(
                Q(quantity__gte=1, quantity__lte=10**6), "quantity", "One orders 1 to 1,000,000 of a product."
            ),
            rule(Q(position__gte=1), "position", "Lines are counted from 1."),
            amount_rule("bonus_tokens"),
            amount_rule("list_amount"),
            amount_rule("discount"),
            amount_rule("net"),
            amount_rule("tax"),
            amount_rule("total"),
            rule(Q(total=F("net") + F("tax")), "sum", "The total of a line is its net and its tax."),
            rule(
                Q(discount__lte=F("list_amount")),
                "discount_within",
                "A discount takes at most the price.",
            ),
            rule(
                Q(
                    net_reversed__gte=0,
                    net_reversed__lte=F("net"),
                    tax_reversed__gte=0,
                    tax_reversed__lte=F("tax"),
                ),
                "reversed",
                "Of a line no more is refunded than was paid.",
            ),
            rule(Q(tax_rate__gte=0, tax_rate__lte=1), "tax_rate", "A rate of tax is a fraction from 0 to 1."),
            matches("tax_behaviour", "^(inclusive|exclusive)$", "A price is inclusive or exclusive of tax."),
            matches(
                "tax_jurisdiction",
                "^[A-Z]{2}(-[A-Z0-9][A-Z0-9 ]{0,9})?$",
                "A jurisdiction is written as DE or PT-20.",
            ),
            unique("order", "position", message="The order has a line in this place."),
            *payment_policies(own="user_id"),
        ]
        triggers: ClassVar[Any] = [
            Immutable(
                "order",
                "user",
                "position",
                "product",
                "price",
                "currency",
                "quantity",
                "list_amount",
                "discount",
                "tax_behaviour",
                "tax_rate",
                "tax_jurisdiction",
                "bonus_tokens",
                "net",
                "tax",
                "total",
            ),
            MarksPriceSold("price"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.product}"
