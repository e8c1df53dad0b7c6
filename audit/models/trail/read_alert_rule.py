"""From which number on readings are unusual, and why that number."""

from typing import Any

from django.db import models
from django.db.models import Q

from audit.models.trail.readers import READ_ALERT_READERS
from audit.read_alert_choices import ReadRule
from core.db.constraints import length_between, matches, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.policies import ALL, policies
from core.db.roles import Role
from core.models import Entity, Volume


class ReadAlertRule(Entity):
    """One row per rule: the number, the hours in which it counts, and the reason for both.

    Written by migrations alone. Who may read, and who runs the back office, does not set what is told about them.
    """

    volume, retention = Volume.SMALL, "as long as alerts name it"
    held_by = NotHeld("It is about no person.")

    rule = models.TextField(choices=ReadRule, db_comment="Which rule.")
    threshold = models.IntegerField(db_comment="From this number on it is unusual.")
    hours = models.IntegerField(db_comment="Within so many hours, back from the reading.")
    zone = models.TextField(
        blank=True,
        default="",
        db_default="",
        db_comment="Time zone of working hours; empty: the rule has none.",
    )
    opens_at = models.TimeField(
        null=True, blank=True, db_comment="When work begins there; null: the rule has none."
    )
    closes_at = models.TimeField(
        null=True, blank=True, db_comment="When work ends there; null: the rule has none."
    )
    why = models.TextField(db_comment="Why this number.")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "rule for readings"
        verbose_name_plural = "rules for readings"
        db_table_comment = (
            "One row per rule by which readings are unusual, with its threshold and the reason for it. Written by "
            "migrations. Kept as long as alerts name it."
        )
        constraints = [
            one_of("rule", ReadRule),
            unique("rule"),
            rule(
                Q(threshold__gte=1, threshold__lte=1000),
                "threshold",
                "A threshold is a number from 1 to 1000.",
            ),
            # Longer than the job looks back, some readings would be judged by it twice and others never.
            rule(Q(hours__gte=1, hours__lte=24), "hours", "A rule counts within 1 to 24 hours."),
            length_between("why", 10, 500),
            matches("zone", "^([A-Za-z]+/[A-Za-z_]+)?$", "A time zone is a name such as Europe/Berlin."),
            rule(
                Q(zone="", opens_at__isnull=True, closes_at__isnull=True)
                | ~Q(zone="")
                & Q(opens_at__isnull=False, closes_at__isnull=False, opens_at__lt=models.F("closes_at")),
                "working_hours",
                "Working hours have a zone, a beginning and a later end.",
            ),
            *policies(*READ_ALERT_READERS, Role.WORKER, command="select", using=ALL),
        ]

    def __str__(self) -> str:
        return self.get_rule_display()
