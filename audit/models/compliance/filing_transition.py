"""Every move that filings to authorities made."""

from django.conf import settings
from django.db import models

from audit.filing_choices import FilingStatus
from core.db.constraints import length_between, one_of
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.retention import GoesWith
from core.db.roles import Role
from core.models import Fact, Identified, Volume


class FilingTransition(Fact, Identified):
    """One row per move of a filing, the first state included; written by a trigger. Reasons are in the trail."""

    volume, retention = Volume.LARGE, "7 years"
    over = GoesWith("filing")
    held_by = NotHeld("Nobody deletes the moves of a filing before its time.")

    filing = models.ForeignKey(
        "audit.ComplianceFiling",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="transitions",
        db_comment="The filing that moved.",
    )
    from_status = models.TextField(
        choices=FilingStatus, null=True, blank=True, db_comment="State before; null: it was new."
    )
    to_status = models.TextField(choices=FilingStatus, db_comment="State after.")
    moved_at = models.DateTimeField(db_comment="When, by the clock of the database (UTC).")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="filing_moves_made",
        db_comment="Who moved it; null: the system.",
    )
    acting_role = models.TextField(db_comment="Role of the database in which it was moved.")

    class Meta:
        db_table_comment = "One row per move of a filing to an authority. Written by a trigger. Kept 7 years."
        constraints = [
            one_of("from_status", FilingStatus),
            one_of("to_status", FilingStatus),
            length_between("acting_role", 1, 63),
            *policies(Role.COMPLIANCE, Role.AUDITOR, command="select", using=ALL),
        ]
        indexes = [BTree(fields=["filing", "-id"], serves="The page of a filing: its moves, newest first")]

    def __str__(self) -> str:
        return self.get_to_status_display()
