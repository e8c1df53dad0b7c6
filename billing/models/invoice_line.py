"""Lines of invoices: those of the order, checked against it."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.amounts import amount_field, amount_rule
from billing.invoice_triggers import CopiesOrderLine
from billing.ledger_triggers import NeverRemoved
from billing.models.currency import in_currency
from billing.payment_policies import payment_policies
from core.db.constraints import length_between, rule, unique
from core.db.holds import HeldBy
from core.db.triggers import Immutable
from core.models import Entity, Volume


class InvoiceLine(Entity):
    """One row per line of an invoice: that of the order, checked against it; what is credited of it is counted.

    Written by `billing.services.invoices`, the counters by the trigger of credit notes.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    invoice = models.ForeignKey(
        "billing.Invoice",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="lines",
        db_comment="The invoice of which it is a line.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="invoice_lines", db_comment="Who is charged."
    )
    order_line = models.OneToOneField(
        "billing.OrderLine",
        models.PROTECT,
        related_name="invoice_line",
        db_comment="The line of the order; each is on one invoice.",
    )
    position = models.SmallIntegerField(db_comment="Place in the invoice, that of the order.")
    description = models.TextField(db_comment="Name of the product, as it was then.")
    quantity = models.IntegerField(db_comment="How many of it were bought.")
    currency = in_currency("invoice_lines", "Currency of the amounts.")
    discount = amount_field("What a promotion took from the price.", default=0)
    tax_rate = models.DecimalField(
        max_digits=20, decimal_places=10, db_comment="Rate of the tax as a fraction, as 0.19; 0: none."
    )
    tax_jurisdiction = models.TextField(db_comment="Whose tax it is, as DE or PT-20.")
    net = amount_field("Without tax.")
    tax = amount_field("Tax.")
    total = amount_field("With tax.")
    net_credited = amount_field("What of the net credit notes took back; kept by trigger.", default=0)
    tax_credited = amount_field("What of the tax credit notes took back; kept by trigger.", default=0)

    class Meta:
        db_table_comment = (
            "One row per line of an invoice, frozen from the order. Written by billing.services.invoices. "
            "Kept 10 years."
        )
        constraints = [
            length_between("description", 1, 200),
            rule(Q(quantity__gte=1), "quantity", "A line is about one thing at least."),
            rule(Q(tax_rate__gte=0, tax_rate__lte=1), "tax_rate", "A rate of tax lies between 0 and 1."),
            amount_rule("net"),
            amount_rule("tax"),
            amount_rule("total"),
            amount_rule("discount"),
            rule(Q(total=F("net") + F("tax")), "sum", "The total of a line is its net and its tax."),
            rule(
                Q(
                    net_credited__gte=0,
                    net_credited__lte=F("net"),
                    tax_credited__gte=0,
                    tax_credited__lte=F("tax"),
                ),
                "credited",
                "Of a line no more is credited than was charged.",
            ),
            unique("invoice", "position", message="The invoice has a line in this place."),
            *payment_policies(own="user_id", update=False),
        ]
        triggers: ClassVar[Any] = [
            Immutable(
                "invoice",
                "user",
                "order_line",
                "position",
                "description",
                "quantity",
                "currency",
                "discount",
                "tax_rate",
                "tax_jurisdiction",
                "net",
                "tax",
                "total",
            ),
            CopiesOrderLine(),
            NeverRemoved(),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.description}"
