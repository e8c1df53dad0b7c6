"""Rows that were copied out for a legal hold before they left their table."""

from django.db import models

from audit.hold_triggers import KeptForItsHold, ProvesItself
from core.db.constraints import has_bytes, is_object, matches, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.models import Fact, Identified, Volume

DIGEST_BYTES = 32


class HeldRow(Fact, Identified):
    """One row per hold and row that it covered when the row left: with its partition, or for the sake of somebody else.

    Written by `legal_hold_copy` and `audit.services.held_rows`, as the owner, in the transaction in which the row goes.
    """

    volume, retention = Volume.LARGE, "30 days after the end of its hold"
    over = Over(
        "(SELECT upper(h.valid) FROM audit_legalhold h WHERE h.id = {row}.hold_id)",
        found="{row}.hold_id IN (SELECT h.id FROM audit_legalhold h WHERE upper(h.valid) < {cut_off})",
    )
    held_by = NotHeld("It is kept by the hold that it names, whatever else happens.")

    hold = models.ForeignKey(
        "audit.LegalHold",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="held_rows",
        db_comment="The hold for which it was copied.",
    )
    source_table = models.TextField(db_comment="The table that it left: audit_event.")
    source_id = models.UUIDField(db_comment="Its identity there.")
    content = personal(
        models.JSONField(db_comment="The row as it was, column by column, as PostgreSQL writes JSON.")
    )
    sha256 = models.BinaryField(db_comment="SHA-256 of the text of `content`; 32 bytes; computed by trigger.")
    copied_at = models.DateTimeField(db_comment="When it was copied (UTC); set by trigger.")

    class Meta:
        verbose_name = "held row"
        db_table_comment = (
            "One row per row that was copied out for a legal hold before it left its table. Written by legal_hold_copy "
            "and audit.services.held_rows. Kept until 30 days after the end of the hold."
        )
        constraints = [
            matches("source_table", "^[a-z][a-z0-9_]{0,62}$", "A table has a name in small letters."),
            rule(is_object("content"), "content", "A row is kept as a JSON object."),
            rule(has_bytes("sha256", DIGEST_BYTES), "sha256", f"A digest has {DIGEST_BYTES} bytes."),
            unique("hold", "source_table", "source_id", message="This row was copied for this hold."),
            *policies(Role.COMPLIANCE, Role.AUDITOR, command="select", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["source_id", "source_table"],
                serves="audit.models.trail.label: whose words those of an event are that was copied out",
            )
        ]
        triggers = [KeptForItsHold(), ProvesItself()]

    def __str__(self) -> str:
        return f"{self.source_table} {self.source_id}"
