"""Companies of ours that sell, and the counters of their documents."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from billing.ledger_triggers import NeverRemoved
from billing.payment_policies import PAYMENT_READERS
from core.db.constraints import matches, rule, unique
from core.db.holds import NotHeld
from core.db.policies import ALL, SOMEBODY, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import Entity, History, Versioned, Volume

COMPANY = NotHeld("A company of ours is nobody whom a hold is about.")


class LegalEntityQuerySet(models.QuerySet):
    """Reads of legal entities."""

    def selling_in(self, country: str) -> Self:
        """Those that may sell in a country, the one to choose first: its own one, else the one for everywhere."""
        return self.filter(Q(country=country) | Q(sells_everywhere=True), closed_at__isnull=True).order_by(
            models.Case(models.When(country=country, then=0), default=1)
        )


class LegalEntity(Versioned):
    """One row per company of ours that sells. One sells in its own country, and one of them everywhere else.

    Documents keep name, address and tax number as they were when they got their number. Written by
    `billing.services.legal_entities`.
    """

    volume, retention = Volume.SMALL, "10 years after its last document"
    held_by = COMPANY

    code = models.TextField(db_comment="First part of the number of every document: VBL_EU.")
    name = not_personal(models.TextField(db_comment="Name in the register of companies."))
    address = not_personal(models.TextField(db_comment="Seat, in one line, as documents show it."))
    country = not_personal(models.TextField(db_comment="Country of the seat, ISO 3166-1 alpha-2."))
    tax_number = not_personal(
        models.TextField(db_comment="Number for value added tax, as documents show it.")
    )
    sells_everywhere = models.BooleanField(
        default=False, db_comment="Whether it sells wherever no other one has its seat."
    )
    closed_at = models.DateTimeField(
        null=True, blank=True, db_comment="Since when it sells no more (UTC); null: it sells."
    )

    objects: ClassVar[Any] = LegalEntityQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name_plural = "legal entities"
        db_table_comment = (
            "One row per company of ours that sells. Written by billing.services.legal_entities. "
            "Kept 10 years after its last document."
        )
        permissions = [("keep_legalentity", "Can add, change and close companies that sell")]
        constraints = [
            unique("code", message="There is a company with this code already."),
            matches("code", "^[A-Z][A-Z0-9_]{1,11}$", "A code is 2 to 12 capitals, digits and underscores."),
            *line("name", 200),
            *line("address", 300),
            *line("tax_number", 30),
            matches("country", "^[A-Z]{2}$", "A country is written as two capital letters."),
            unique(
                "country",
                when=Q(closed_at__isnull=True),
                message="Another company sells in this country.",
            ),
            unique(
                "sells_everywhere",
                when=Q(sells_everywhere=True, closed_at__isnull=True),
                message="Another company sells everywhere.",
            ),
            *policies(*PAYMENT_READERS, Role.WORKER, command="select", using=ALL),
            *policies(Role.ADMINISTRATOR, command="insert", check=SOMEBODY),
            *policies(Role.ADMINISTRATOR, command="update", using=SOMEBODY),
            # Numbers are given under the lock of the company, which takes a right to change it.
            *policies(Role.WORKER, command="update", using=ALL),
        ]
        triggers = [Immutable("code", "country"), NeverRemoved()]

    def __str__(self) -> str:
        return self.name


class InvoiceSeries(Entity):
    """One row per legal entity and series of numbers: the last number given.

    Written by the trigger that numbers documents alone: no role may write it. A transaction that is undone gives its
    numbers back with everything else it did, so that there is no gap.
    """

    volume, retention = Volume.SMALL, "10 years"
    held_by = COMPANY

    legal_entity = models.ForeignKey(
        LegalEntity,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="series",
        db_comment="Whose numbers these are.",
    )
    series = models.TextField(db_comment="Kind of document and year: INV-2026, CRN-2026.")
    last_number = models.BigIntegerField(db_comment="The number that was given last.")

    class Meta:
        verbose_name_plural = "invoice series"
        db_table_comment = (
            "One row per legal entity and series: the last number given. Written by the trigger that numbers "
            "documents. Kept 10 years."
        )
        constraints = [
            unique("legal_entity", "series", message="The series of a company is counted once."),
            matches("series", "^(INV|CRN)-[0-9]{4}$", "A series is INV or CRN and a year."),
            rule(Q(last_number__gte=1), "last_number", "Numbers begin with 1."),
            *policies(*PAYMENT_READERS, Role.WORKER, command="select", using=ALL),
        ]
        triggers = [Immutable("legal_entity", "series"), NeverRemoved()]

    def __str__(self) -> str:
        return self.series
