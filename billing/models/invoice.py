"""Invoices: what was charged, frozen from the order, numbered without a gap."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.amounts import amount_field, amount_rule
from billing.invoice_choices import InvoiceStatus
from billing.invoice_triggers import BelongsToOrder, NumbersInvoice
from billing.ledger_triggers import NeverRemoved
from billing.models.currency import in_currency
from billing.models.document_number import document_name, number_columns, number_rules
from billing.payment_policies import payment_policies
from core.db.constraints import length_between, matches, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.privacy import not_personal, personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned, Volume

S = InvoiceStatus


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
        ]

    def __str__(self) -> str:
        return self.name or self.get_status_display()

    @property
    def name(self) -> str:
        """The number as people write it; empty: none yet."""
        return document_name(self)
