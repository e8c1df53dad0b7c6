"""Where a customer is, for value added tax: pieces of evidence about an order."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F

from billing.invoice_choices import TaxEvidenceKind
from billing.payment_policies import payment_policies
from billing.tax_triggers import EvidenceOfOrder
from core.db.constraints import length_between, matches, one_of, unique
from core.db.holds import HeldBy
from core.db.privacy import not_personal, personal
from core.models import Fact, Identified, Volume

ENOUGH = 2
"""Pieces that must name the country that was taxed: Implementing Regulation (EU) 282/2011, article 24b(d)."""


class TaxEvidenceQuerySet(models.QuerySet):
    """Reads of evidence."""

    def agreeing(self) -> Self:
        """Pieces that name the country whose tax was charged."""
        return self.filter(country=F("order__country"))

    def sufficient_orders(self) -> Any:
        """Keys of the orders that enough pieces agree about."""
        return (
            self.agreeing()
            .order_by()
            .values("order_id")
            .annotate(pieces=Count("pk"))
            .filter(pieces__gte=ENOUGH)
            .values("order_id")
        )


class TaxEvidence(Fact, Identified):
    """One row per piece of evidence of where a customer was when they ordered. Never changed.

    Written by `billing.services.tax_evidence`. An address of the network is never kept here, only its country.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    order = models.ForeignKey(
        "billing.Order",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="tax_evidence",
        db_comment="The order whose tax it is about.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="tax_evidence",
        db_comment="Who ordered.",
    )
    kind = models.TextField(choices=TaxEvidenceKind, db_comment="What kind of evidence, of article 24f.")
    country = personal(models.TextField(db_comment="The country that it names, ISO 3166-1 alpha-2."))
    source = not_personal(
        models.TextField(db_comment="From where we have it, in words: billing address of the order.")
    )
    recorded_at = models.DateTimeField(db_comment="When it was recorded (UTC).")

    objects: ClassVar[Any] = TaxEvidenceQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "tax evidence"
        db_table_comment = (
            "One row per piece of evidence of where a customer is. Written by billing.services.tax_evidence. "
            "Kept 10 years."
        )
        constraints = [
            one_of("kind", TaxEvidenceKind),
            matches("country", "^[A-Z]{2}$", "A country is written as two capital letters."),
            length_between("source", 1, 200),
            unique("order", "kind", message="There is such a piece of evidence of this order."),
            *payment_policies(own="user_id", update=False),
        ]
        triggers: ClassVar[Any] = [EvidenceOfOrder()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.country}"
