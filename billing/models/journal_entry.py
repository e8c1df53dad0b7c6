"""Entries of the journal, and why some were reversed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing.ledger_choices import JournalKind
from billing.ledger_triggers import ChecksEntries, ExplainsReversal, NeverChanged
from billing.models.ledger_account import KEPT, LEDGER_READERS
from core.db.constraints import length_between, one_of, rule, unique
from core.db.fields import CurrentTransaction, TransactionIdField
from core.db.figures import Told, tells_figures
from core.db.indexes import Brin, BTree
from core.db.policies import ALL, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.models import Fact, Identified, Volume

LEDGER = Told(
    "ledger",
    # Of the whole platform: a day of the books has no other subject.
    subject="'00000000-0000-0000-0000-000000000000'::uuid",
    at="{row}.booked_on::timestamp AT TIME ZONE 'UTC'",
)


class JournalEntry(Fact, Identified):
    """One transaction of double entry: what happened and when it counts. Its amounts are its postings.

    Written by `ledger_post` alone, together with its postings and by one statement; sealed with it. The key is given by
    the caller and is the idempotency key: the same key with another body is refused.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = KEPT

    kind = models.TextField(choices=JournalKind, db_comment="What happened.")
    source_table = models.TextField(
        null=True, blank=True, db_comment="Table of the row for which it was posted; null: there is none."
    )
    source_id = models.UUIDField(
        null=True, blank=True, db_comment="Key of the row for which it was posted; null: there is none."
    )
    period = models.ForeignKey(
        "billing.AccountingPeriod",
        models.PROTECT,
        # Every entry of a month would lock the same row, all at once. The trigger looks, and no period is ever deleted.
        db_constraint=False,
        # An index leads with it.
        db_index=False,
        related_name="entries",
        db_comment="The accounting period in which it counts.",
    )
    booked_on = models.DateField(db_comment="The day (UTC) on which it counts, within the period.")
    occurred_at = models.DateTimeField(db_comment="When it happened, as the caller says (UTC).")
    posted_at = models.DateTimeField(
        db_default=Now(), editable=False, db_comment="When it was posted, by the clock of the database (UTC)."
    )
    description = models.TextField(
        default="", blank=True, db_comment="In words, without names of people; empty: the kind says it all."
    )
    rate = models.DecimalField(
        max_digits=20,
        decimal_places=10,
        null=True,
        blank=True,
        db_comment="Rate of an exchange, units of the second currency for one of the first; null: there is none.",
    )
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        # The unique index leads with it.
        db_index=False,
        related_name="reversed_by",
        db_comment="The entry that this takes back; null: it takes none back.",
    )
    xact = TransactionIdField(
        db_default=CurrentTransaction(),
        editable=False,
        db_comment="Number of the transaction that wrote it; checked against that of its postings.",
    )

    class Meta:
        verbose_name_plural = "journal entries"
        db_table_comment = "One row per entry of the journal. Written by ledger_post. Kept 10 years."
        permissions = [("reverse_journalentry", "Can reverse adjustments")]
        constraints = [
            one_of("kind", JournalKind),
            length_between("description", 0, 500),
            rule(
                Q(source_table__isnull=True, source_id__isnull=True)
                | Q(source_table__isnull=False, source_id__isnull=False),
                "source",
                "A source is a table and the key of a row in it.",
            ),
            rule(Q(rate__isnull=True) | Q(rate__gt=0), "rate", "A rate is more than nothing."),
            rule(
                ~Q(kind=JournalKind.REVERSAL) | Q(reverses__isnull=False),
                "reverses",
                "A reversal names the entry that it reverses.",
            ),
            rule(
                Q(reverses__isnull=True) | ~Q(reverses=models.F("id")),
                "itself",
                "An entry does not reverse itself.",
            ),
            unique(
                "reverses",
                when=Q(reverses__isnull=False),
                message="This entry was reversed already.",
            ),
            *policies(*LEDGER_READERS, command="select", using=ALL),
            *policies(Role.WORKER, command="insert", check=ALL),
        ]
        indexes = [
            BTree(
                fields=["source_id"],
                condition=Q(source_id__isnull=False),
                serves="The page of a payment or spend: the entries posted for it",
            ),
            BTree(fields=["period", "-id"], serves="The journal: entries of a period, newest first"),
            # Days come in the order in which rows are written: a range of pages says which are of a day, and costs
            # those who post nothing.
            Brin(
                fields=["booked_on"],
                pages_per_range=32,
                autosummarize=True,
                serves="analytics_revenue_compute: the entries of a day of the books",
            ),
        ]
        triggers = [NeverChanged(), ChecksEntries(), *tells_figures(LEDGER)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.booked_on}"


class Reversal(Fact, Identified):
    """Why an entry was taken back, and who decided it; written with the entry that mirrors it.

    Written by `billing.services.journal`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = KEPT

    entry = models.OneToOneField(
        "billing.JournalEntry",
        models.PROTECT,
        related_name="explanation",
        db_comment="The entry of the kind reversal; what it reverses stands in it.",
    )
    reason = personal(models.TextField(db_comment="Why, in the words of who decided; without names."))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="ledger_reversals",
        db_comment="The member of staff who decided; null: a job.",
    )
    decided_at = models.DateTimeField(
        db_default=Now(), editable=False, db_comment="When it was decided (UTC)."
    )

    class Meta:
        db_table_comment = (
            "One row per reversal: why and by whom. Written by billing.services.journal. Kept 10 years."
        )
        constraints = [
            length_between("reason", 1, 2000),
            *policies(*LEDGER_READERS, command="select", using=ALL),
            *policies(Role.WORKER, command="insert", check=ALL),
        ]
        triggers = [NeverChanged(), ExplainsReversal()]

    def __str__(self) -> str:
        return f"Reversal of {self.decided_at:%Y-%m-%d}"
