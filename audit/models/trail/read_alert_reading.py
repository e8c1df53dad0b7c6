"""Which readings an alert is about."""

from typing import Any

from django.conf import settings
from django.db import models

from audit.models.trail.event import SUBJECT_PATTERN
from audit.models.trail.read_alert import ReadAlert
from audit.models.trail.readers import READ_ALERT_READERS
from core.db.constraints import matches, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import policies
from core.db.retention import GoesWith
from core.models import Fact, Identified, Volume

SEES_ALERT = "EXISTS (SELECT FROM audit_readalert a WHERE a.id = alert_id)"
"""The alert itself is there for whoever asks, by its own policies."""


class ReadAlertReading(Fact, Identified):
    """One row per reading that made an alert, or joined it while it was open."""

    volume, retention = Volume.LARGE, "7 years"
    over = GoesWith("alert")
    held_by = HeldBy(person=("person",))

    alert = models.ForeignKey(
        ReadAlert,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="readings",
        db_comment="The alert that it belongs to.",
    )
    reading_id = models.UUIDField(
        db_comment="Identity of the event that tells of the reading, and of the row of audit_sensitiveread."
    )
    read_at = models.DateTimeField(db_comment="When it was read (UTC).")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="readings_in_alerts",
        db_comment="Whose data was read.",
    )
    subject_type = models.TextField(db_comment="Which model the row that was read is of, as app.model.")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "reading of an alert"
        verbose_name_plural = "readings of alerts"
        db_table_comment = (
            "One row per reading that an alert is about. Written by read_alerts_find. Kept 7 years."
        )
        constraints = [
            unique("alert", "reading_id"),
            matches("subject_type", SUBJECT_PATTERN, "What was read is named as app.model."),
            *policies(*READ_ALERT_READERS, command="select", using=SEES_ALERT),
        ]
        indexes = [
            BTree(
                fields=["person", "-id"],
                serves="audit.admin.read_alerts: alerts in which somebody's data was read, newest first",
            ),
            BTree(fields=["reading_id"], serves="read_alerts_find: whether a reading is in an alert already"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type}, {self.read_at:%Y-%m-%d %H:%M} UTC"
