"""Statements of what performers and studios earned: frozen, and amended by further versions only."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from billing.invoice_choices import StatementKind
from billing.ledger_triggers import NeverChanged
from billing.models.currency import LARGEST_AMOUNT, in_currency
from billing.models.wallet import MONEY, SHARE_READERS
from billing.tax_triggers import FollowsVersion
from core.db.constraints import has_bytes, length_between, one_of, rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.models import Fact, Identified, Volume


def moved(words: str) -> models.BigIntegerField:
    """A sum of movements of earnings: credits above zero."""
    return models.BigIntegerField(db_comment=f"{words} Minor units or tokens; credit above zero.")


class TaxStatementQuerySet(models.QuerySet):
    """Reads of statements."""

    def current(self) -> Self:
        """Those that no further version amends."""
        return self.filter(~Exists(TaxStatement.objects.filter(amends=OuterRef("pk"))))


class TaxStatement(Fact, Identified):
    """One row per version of a statement: one performer or studio, one month, quarter or year, one unit.

    Made from the postings on the accounts of earnings, so that all statements together are the ledger. Nothing of it is
    ever changed: what turns out otherwise is another version. Written by `billing.services.tax_statements`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = MONEY

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="tax_statements",
        db_comment="Whose earnings these are; null: a studio's.",
    )
    studio = models.ForeignKey(
        "performers.Studio",
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="tax_statements",
        db_comment="The studio whose earnings these are; null: a performer's.",
    )
    kind = models.TextField(choices=StatementKind, db_comment="Whether of a month, a quarter or a year.")
    days = DateRangeField(db_comment="Half-open range of days (UTC), as the ledger books them.")
    currency = in_currency("tax_statements", "The unit: a currency, or tokens.")
    version = models.PositiveSmallIntegerField(db_comment="Counts the versions of this statement, from 1.")
    amends = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="amended_by",
        db_comment="The version before; null: this is the first.",
    )
    opening = moved("What was owed before the first day.")
    earned = moved("What came in by tips, gifts, tickets, shows, rewards and subscriptions.")
    taken_back = moved("What went back by refunds, disputes and reversals; below zero.")
    exchanged = moved("What became another unit, or came of one.")
    paid_out = moved("What was paid out and came back; below zero.")
    adjusted = moved("Everything else: adjustments and debts.")
    closing = moved("What was owed after the last day.")
    fees = moved("What the platform kept of what was paid for this performer; not part of the sums.")
    activities = models.IntegerField(
        db_comment="How many times something was earned (DAC7: relevant activities)."
    )
    content_hash = models.BinaryField(
        db_comment="SHA-256 of the figures, in the order of billing.statement_content; equal: nothing to amend."
    )
    reason = not_personal(
        models.TextField(blank=True, default="", db_comment="Why it was amended; empty: the first version.")
    )
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="statements_frozen",
        db_comment="Who had it made, set by trigger to whoever acts; null: a job.",
    )
    frozen_at = models.DateTimeField(db_comment="When it was made (UTC), set by trigger.")

    objects: ClassVar[Any] = TaxStatementQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per version of a statement of earnings. Written by billing.services.tax_statements. "
            "Kept 10 years."
        )
        permissions = [("freeze_taxstatement", "Can make and amend statements of earnings")]
        constraints = [
            one_of("kind", StatementKind),
            rule(
                Q(performer__isnull=False, studio__isnull=True)
                | Q(performer__isnull=True, studio__isnull=False),
                "owner",
                "A statement is about a performer or a studio, one of the two.",
            ),
            rule(
                Q(days__isempty=False, days__startswith__isnull=False, days__endswith__isnull=False),
                "days",
                "A statement has a first and a last day.",
            ),
            rule(
                Q(
                    closing=F("opening")
                    + F("earned")
                    + F("taken_back")
                    + F("exchanged")
                    + F("paid_out")
                    + F("adjusted")
                ),
                "sum",
                "What was owed before and what moved is what is owed after.",
            ),
            rule(
                Q(earned__gte=0, earned__lte=LARGEST_AMOUNT * 1000, activities__gte=0),
                "earned",
                "What is earned is not negative.",
            ),
            rule(
                Q(version=1, amends__isnull=True, reason="")
                | Q(version__gt=1, amends__isnull=False) & ~Q(reason=""),
                "amends",
                "A further version names the one before, and why.",
            ),
            length_between("reason", 0, 2000),
            rule(has_bytes("content_hash", 32), "content_hash", "A SHA-256 has 32 bytes."),
            # A month, a quarter and a year never have the same days.
            *(
                unique(
                    payee,
                    "days",
                    "currency",
                    "version",
                    when=Q(**{f"{payee}__isnull": False}),
                    name=f"version_of_{payee}",
                    message="Somebody else has made this version meanwhile.",
                )
                for payee in ("performer", "studio")
            ),
            *policies(*SHARE_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check=ALL),
        ]
        indexes = [
            BTree(
                fields=["performer", "-id"],
                condition=Q(performer__isnull=False),
                serves="docs/queries/statements_of_performer.sql: own statements, newest first",
            ),
            BTree(
                fields=["studio", "-id"],
                condition=Q(studio__isnull=False),
                serves="The page of a studio: statements, newest first",
            ),
            BTree(
                fields=["days", "kind", "currency"],
                serves="docs/queries/statements_of_month.sql: statements of a month beside the ledger",
            ),
        ]
        triggers: ClassVar[Any] = [NeverChanged(), FollowsVersion()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} from {self.days.lower}, {self.currency_id}, version {self.version}"

    @property
    def consideration(self) -> int:
        """What counts as consideration: earned, less what went back, and what came of an exchange."""
        return self.earned + self.taken_back + self.exchanged
