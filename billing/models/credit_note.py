"""Credit notes: what an invoice said too much once money went back."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.amounts import amount_field, amount_rule
from billing.invoice_choices import CreditCause, CreditNoteStatus
from billing.invoice_triggers import BelongsToInvoice, CreditsInvoiceLine, NumbersCreditNote
from billing.ledger_triggers import NeverRemoved
from billing.models.currency import in_currency
from billing.models.document_number import document_name, number_columns, number_rules
from billing.payment_policies import payment_policies
from core.db.constraints import TABLE, matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.privacy import not_personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Fact, Identified, Versioned, Volume

S = CreditNoteStatus


class CreditNoteQuerySet(models.QuerySet):
    """Reads of credit notes."""

    def to_number(self) -> Self:
        """Those that wait for their number, in the order in which they get it."""
        return self.filter(status=S.READY).order_by("ready_at", "pk")


class CreditNote(Versioned):
    """One row per correction of an invoice: what was refunded, lost in a dispute or never paid.

    Its lines are what the ledger took back of the order. Numbered after its invoice, in a series of its own. Written
    by `billing.services.credit_notes`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    invoice = models.ForeignKey(
        "billing.Invoice",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="credit_notes",
        db_comment="The invoice that it corrects.",
    )
    legal_entity = models.ForeignKey(
        "billing.LegalEntity",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="credit_notes",
        db_comment="The company that sold: that of the invoice.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="credit_notes",
        db_comment="Whom the invoice charged.",
    )
    status = models.TextField(choices=S, default=S.READY, db_comment="Where it stands.")
    cause = models.TextField(choices=CreditCause, db_comment="Why it was written.")
    source_table = models.TextField(
        null=True, blank=True, db_comment="Table of what caused it, as billing_refund; null: nothing did."
    )
    source_id = models.UUIDField(
        null=True, blank=True, db_comment="Key of what caused it; null: nothing did."
    )
    currency = in_currency("credit_notes", "Currency of the amounts.")
    net = amount_field("Without tax, taken back.")
    tax = amount_field("Tax taken back.")
    total = amount_field("With tax, taken back.")
    ready_at = models.DateTimeField(db_comment="Since when it waits for its number (UTC).")
    series = number_columns()["series"]
    number = number_columns()["number"]
    issued_at = number_columns()["issued_at"]
    issued_on = number_columns()["issued_on"]
    seller_name = number_columns()["seller_name"]
    seller_address = number_columns()["seller_address"]
    seller_tax_number = number_columns()["seller_tax_number"]

    status_machine: ClassVar[StateMachine] = StateMachine(S, initial=[S.READY], moves={S.READY: [S.ISSUED]})

    objects: ClassVar[Any] = CreditNoteQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per correction of an invoice, numbered without a gap. Written by billing.services.credit_notes. "
            "Kept 10 years."
        )
        constraints = [
            *number_rules(S.ISSUED),
            one_of("cause", CreditCause),
            matches("source_table", "^billing_[a-z]{1,50}$", "A source is a table of billing."),
            rule(
                Q(source_table__isnull=True, source_id__isnull=True)
                | Q(source_table__isnull=False, source_id__isnull=False),
                "source",
                "A source is a table and the key of a row in it.",
            ),
            amount_rule("net"),
            amount_rule("tax"),
            amount_rule("total", least=1),
            rule(Q(total=F("net") + F("tax")), "sum", "The total of a credit note is its net and its tax."),
            *payment_policies(own="user_id"),
        ]
        indexes = [
            BTree(
                fields=["legal_entity", "ready_at", "id"],
                condition=Q(status=S.READY),
                name=f"{TABLE}_waiting_idx",
                serves="invoices_number: credit notes that wait for their number, in order",
            ),
            BTree(fields=["invoice", "-id"], serves="The page of an invoice: its credit notes, newest first"),
            BTree(fields=["user", "-id"], serves="A person's own credit notes, newest first"),
            BTree(
                fields=["source_id"],
                condition=Q(source_id__isnull=False),
                serves="The page of a refund or dispute: the credit note that came of it",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable(
                "invoice",
                "legal_entity",
                "user",
                "cause",
                "source_table",
                "source_id",
                "currency",
                "net",
                "tax",
                "total",
                "ready_at",
            ),
            BelongsToInvoice(),
            NumbersCreditNote("CRN"),
            NeverRemoved(),
        ]

    def __str__(self) -> str:
        return self.name or self.get_status_display()

    @property
    def name(self) -> str:
        """The number as people write it; empty: none yet."""
        return document_name(self)


class CreditNoteLine(Fact, Identified):
    """One row per line of an invoice of which something is taken back. Written by `billing.services.credit_notes`."""

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    credit_note = not_personal(
        models.ForeignKey(
            CreditNote,
            models.PROTECT,
            # A unique rule leads with it.
            db_index=False,
            related_name="lines",
            db_comment="The credit note of which it is a line.",
        )
    )
    invoice_line = models.ForeignKey(
        "billing.InvoiceLine",
        models.PROTECT,
        related_name="credit_note_lines",
        db_comment="Of what it takes back.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="credit_note_lines",
        db_comment="Whom the invoice charged.",
    )
    net = amount_field("Net taken back.")
    tax = amount_field("Tax taken back.")
    total = amount_field("Net and tax.")

    class Meta:
        db_table_comment = (
            "One row per line of a credit note. Written by billing.services.credit_notes. Kept 10 years."
        )
        constraints = [
            amount_rule("net"),
            amount_rule("tax"),
            amount_rule("total", least=1),
            rule(Q(total=F("net") + F("tax")), "sum", "The total of a line is its net and its tax."),
            unique("credit_note", "invoice_line", message="A line is on a credit note once."),
            *payment_policies(own="user_id", update=False),
        ]
        triggers: ClassVar[Any] = [CreditsInvoiceLine()]

    def __str__(self) -> str:
        return f"{self.total}"
