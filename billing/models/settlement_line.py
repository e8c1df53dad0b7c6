"""Lines of settlement files: what moved at a provider or a bank, as it says."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from billing.amounts import amount_field
from billing.payment_policies import payment_policies
from billing.reconciliation_choices import SettlementCategory
from billing.settlement_file_triggers import LinesOfOneTransaction
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.privacy import not_personal, personal
from core.models import Fact, Identified, Volume


class SettlementLineQuerySet(models.QuerySet):
    """Reads of lines."""

    def unmatched(self) -> Self:
        """Lines that belong to nothing that we hold."""
        return self.filter(match__isnull=True)


class SettlementLine(Fact, Identified):
    """One row per line of a settlement file; written with its file by `billing.services.settlement_files`.

    Nothing here is corrected: a line that is wrong is an exception, and the provider sends another one.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = NotHeld("It is kept 10 years by tax law, whoever asks.")

    settlement_file = models.ForeignKey(
        "billing.SettlementFile",
        models.PROTECT,
        # The unique rule leads with it.
        db_index=False,
        related_name="lines",
        db_comment="The file in which it stands.",
    )
    position = models.IntegerField(db_comment="Place in the file, from 1.")
    category = models.TextField(choices=SettlementCategory, db_comment="What it is about.")
    reference = not_personal(
        models.TextField(
            blank=True,
            default="",
            db_comment="The provider's name of what moved; empty: the line names nothing.",
        )
    )
    booked_on = models.DateField(db_comment="The day on which it was booked, as the file says.")
    gross = amount_field("What moved before fees; above zero: it came to us.")
    fee = amount_field("What was taken in fees of this line; below zero: a fee was given back.")
    net = amount_field("What the balance moved by.")
    words = personal(
        models.TextField(
            blank=True, default="", db_comment="What the file says about it; a bank may name people."
        )
    )

    objects: Any = SettlementLineQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per line of a settlement file. Written with its file by billing.services.settlement_files. "
            "Kept 10 years."
        )
        permissions = [("match_settlementline", "Can match lines of settlement files by hand")]
        constraints = [
            one_of("category", SettlementCategory),
            unique("settlement_file", "position", message="The file has a line at that place already."),
            rule(Q(position__gte=1), "position", "Lines are counted from 1."),
            length_between("reference", 0, 255),
            length_between("words", 0, 500),
            rule(Q(net=F("gross") - F("fee")), "net", "The net is the gross without the fee."),
            *payment_policies(update=False),
        ]
        indexes = [
            BTree(
                fields=["reference"],
                condition=~Q(reference=""),
                serves="docs/queries/settlement_lines_of_reference.sql: the search box; the other side of a transfer",
            )
        ]
        triggers = [LinesOfOneTransaction()]

    def __str__(self) -> str:
        return f"line {self.position}: {self.reference or 'without a reference'}"
