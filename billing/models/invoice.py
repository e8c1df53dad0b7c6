"""Invoices: what was charged, frozen from the order, numbered without a gap."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from billing.amounts import amount_field, amount_rule
from billing.invoice_choices import InvoiceStatus
from billing.invoice_triggers import BelongsToOrder, CopiesOrderLine, NumbersInvoice
from billing.ledger_triggers import NeverRemoved
from billing.models.currency import in_currency
from billing.payment_policies import payment_policies
from core.db.constraints import length_between, matches, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.privacy import not_personal, personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Entity, Versioned, Volume

S = InvoiceStatus
NUMBERED = "The number of a document, its series and the days come together, when it is issued."
SELLER = "Whatever is issued says who sells: name, address and tax number as they were."


def number_columns() -> dict[str, models.Field]:
    """What a document gets with its number; set by trigger."""
    return {
        "series": models.TextField(
            null=True,
            blank=True,
            db_comment="Kind of document and year, set by trigger; null: no number yet.",
        ),
        "number": models.BigIntegerField(
            null=True,
            blank=True,
            db_comment="Number within the series, from 1, set by trigger; null: none yet.",
        ),
        "issued_at": models.DateTimeField(
            null=True, blank=True, db_comment="When it got its number (UTC), set by trigger; null: not yet."
        ),
        "issued_on": models.DateField(
            null=True, blank=True, db_comment="The day (UTC) of issue, set by trigger; null: not yet."
        ),
        "seller_name": not_personal(
            models.TextField(blank=True, default="", db_comment="Name of the company, as it was at issue.")
        ),
        "seller_address": not_personal(
            models.TextField(blank=True, default="", db_comment="Its seat, as it was at issue.")
        ),
        "seller_tax_number": not_personal(
            models.TextField(blank=True, default="", db_comment="Its tax number, as it was at issue.")
        ),
    }


def number_rules(issued: str) -> list[Any]:
    """What holds of a document with and without a number; `issued` is the state that has one."""
    nothing = Q(series__isnull=True, number__isnull=True, issued_at__isnull=True, issued_on__isnull=True)
    whole = Q(series__isnull=False, number__gte=1, issued_at__isnull=False, issued_on__isnull=False)
    return [
        rule(Q(status=issued) & whole | ~Q(status=issued) & nothing, "numbered", NUMBERED),
        rule(
            Q(status=issued) & ~Q(seller_name="") & ~Q(seller_address="") & ~Q(seller_tax_number="")
            | ~Q(status=issued) & Q(seller_name="", seller_address="", seller_tax_number=""),
            "seller",
            SELLER,
        ),
        unique(
            "legal_entity",
            "series",
            "number",
            when=Q(number__isnull=False),
            name="number",
            message="A number is given once.",
        ),
    ]


class InvoiceQuerySet(models.QuerySet):
    """Reads of invoices."""

    def to_number(self) -> Self:
        """Those that wait for their number, in the order in which they get it."""
        return self.filter(status=S.READY).order_by("ready_at", "pk")


class Invoice(Versioned):
    """One row per order that is charged: the customer's document. Totals are those of its lines.

    A draft gets its number when it is paid, or when somebody is asked to pay it by a day (`due_at`). Written by
    `billing.services.invoices`; numbers are given by a trigger.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    legal_entity = models.ForeignKey(
        "billing.LegalEntity",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="invoices",
        db_comment="The company that sells.",
    )
    order = models.OneToOneField(
        "billing.Order",
        models.PROTECT,
        related_name="invoice",
        db_comment="What is charged; one invoice each.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="invoices",
        db_comment="Who is charged.",
    )
    status = models.TextField(choices=S, default=S.DRAFT, db_comment="Where it stands.")
    issued_for = not_personal(
        models.TextField(db_comment="What it is for, in words: Subscription, 1 to 30 November 2026.")
    )
    country = personal(models.TextField(db_comment="Country of the customer, as of the order, ISO 3166-1."))
    currency = in_currency("invoices", "Currency of the amounts.")
    net = amount_field("Without tax.")
    tax = amount_field("Tax.")
    total = amount_field("With tax.")
    due_at = models.DateTimeField(
        null=True, blank=True, db_comment="Until when it is to be paid (UTC); null: it is paid at once."
    )
    ready_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="Since when it waits for its number (UTC); null: it is a draft or void.",
    )
    paid_at = models.DateTimeField(null=True, blank=True, db_comment="When it was paid (UTC); null: not yet.")
    voided_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the draft was given up (UTC); null: it was not."
    )
    series = number_columns()["series"]
    number = number_columns()["number"]
    issued_at = number_columns()["issued_at"]
    issued_on = number_columns()["issued_on"]
    seller_name = number_columns()["seller_name"]
    seller_address = number_columns()["seller_address"]
    seller_tax_number = number_columns()["seller_tax_number"]

    status_machine: ClassVar[StateMachine] = StateMachine(
        S, initial=[S.DRAFT], moves={S.DRAFT: [S.READY, S.VOIDED], S.READY: [S.ISSUED]}
    )

    objects: ClassVar[Any] = InvoiceQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per order that is charged: the customer's document, numbered without a gap. "
            "Written by billing.services.invoices. Kept 10 years."
        )
        constraints = [
            *number_rules(S.ISSUED),
            length_between("issued_for", 1, 200),
            matches("country", "^[A-Z]{2}$", "A country is written as two capital letters."),
            amount_rule("net"),
            amount_rule("tax"),
            amount_rule("total", least=1),
            rule(Q(total=F("net") + F("tax")), "sum", "The total of an invoice is its net and its tax."),
            rule(
                Q(status__in=[S.READY, S.ISSUED], ready_at__isnull=False, voided_at__isnull=True)
                | Q(status=S.DRAFT, ready_at__isnull=True, voided_at__isnull=True, paid_at__isnull=True)
                | Q(status=S.VOIDED, ready_at__isnull=True, voided_at__isnull=False, paid_at__isnull=True),
                "times",
                "An invoice says when it was ready, paid or given up, as its state has it.",
            ),
            rule(
                ~Q(status__in=[S.READY, S.ISSUED]) | Q(paid_at__isnull=False) | Q(due_at__isnull=False),
                "owed",
                "An invoice gets its number when it is paid, or is to be paid by a day.",
            ),
            *payment_policies(own="user_id"),
        ]
        indexes = [
            BTree(
                fields=["legal_entity", "ready_at", "id"],
                condition=Q(status=S.READY),
                name="%(app_label)s_%(class)s_waiting_idx",
                serves="docs/queries/invoices_to_number.sql: what waits for its number, in order",
            ),
            BTree(
                fields=["user", "-id"],
                serves="docs/queries/invoices_of_person.sql: own invoices, newest first",
            ),
            BTree(
                fields=["issued_on", "-id"],
                condition=Q(issued_on__isnull=False),
                serves="The list of invoices, of a month",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable(
                "legal_entity",
                "order",
                "user",
                "issued_for",
                "country",
                "currency",
                "net",
                "tax",
                "total",
                "due_at",
            ),
            BelongsToOrder(),
            NumbersInvoice("INV"),
            NeverRemoved(),
            RefuseErasedPerson(),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.get_status_display()}"

    @property
    def name(self) -> str:
        """The number as people write it; empty: none yet."""
        return document_name(self)


def document_name(document: Any) -> str:
    """The number of an invoice or credit note as people write it: VBL_EU-INV-2026-000042."""
    if document.number is None:
        return ""
    return f"{document.legal_entity.code}-{document.series}-{document.number:06}"


class InvoiceLine(Entity):
    """One row per line of an invoice: that of the order, checked against it; what is credited of it is counted.

    Written by `billing.services.invoices`, the counters by the trigger of credit notes.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    invoice = models.ForeignKey(
        Invoice,
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
    quantity = models.IntegerField(db_comment="How many.")
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
        return f"{self.quantity} × {self.description}"
