"""Which line of a settlement file is which of our rows."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing.models.reconciliation_exception import SUBJECT
from billing.payment_policies import payment_policies
from billing.reconciliation_choices import SettlementCategory
from billing.settlement_file_triggers import MatchesWhatIsEqual, MovesTheCounts
from core.db.constraints import length_between, matches, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.privacy import personal
from core.models import Fact, Identified, Volume


class ReconciliationMatch(Fact, Identified):
    """One row per line that is one of our rows, with the same amount, currency and account; each of them once.

    Written by `billing.services.reconciliation`, by rule or by hand.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = NotHeld("It is kept 10 years by tax law, whoever asks.")

    line = models.OneToOneField(
        "billing.SettlementLine", models.PROTECT, related_name="match", db_comment="The line of the file."
    )
    subject_type = models.TextField(
        db_comment="Which model it is matched with, as app.model: billing.payment, billing.refund."
    )
    subject_id = models.UUIDField(db_comment="Identity of the row with which it is matched.")
    category = models.TextField(
        choices=SettlementCategory, db_comment="What the line is about; taken from the line by trigger."
    )
    matched_at = models.DateTimeField(
        db_default=Now(),
        editable=False,
        db_comment="When it was matched (UTC), by the clock of the database.",
    )
    matched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reconciliation_matches",
        db_comment="Who matched it by hand; null: it was matched by rule.",
    )
    reason = personal(
        models.TextField(
            blank=True, default="", db_comment="Why, in the words of who matched it; empty: by rule."
        )
    )

    class Meta:
        verbose_name = "match of reconciliation"
        verbose_name_plural = "matches of reconciliation"
        db_table_comment = (
            "One row per line of a settlement file that is one of our rows. Written by "
            "billing.services.reconciliation. Kept 10 years."
        )
        constraints = [
            matches("subject_type", SUBJECT, "A match is with a row of billing, as billing.payment."),
            one_of("category", SettlementCategory),
            length_between("reason", 0, 2000),
            rule(
                Q(matched_by__isnull=True, reason="") | Q(matched_by__isnull=False) & ~Q(reason=""),
                "reason",
                "Who matches by hand says why.",
            ),
            unique(
                "subject_id",
                "subject_type",
                "category",
                name="subject",
                message="Another line is this already.",
            ),
            *payment_policies(update=False),
        ]
        triggers = [MatchesWhatIsEqual(), MovesTheCounts()]

    def __str__(self) -> str:
        return f"match with {self.subject_type} {self.subject_id}"
