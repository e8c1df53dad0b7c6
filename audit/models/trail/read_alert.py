"""Alerts on unusual readings of what is encrypted, private or evidence, and who reviewed them."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from audit.models.trail.readers import ACTING_ROLE_CHOICES, READ_ALERT_READERS
from audit.read_alert_choices import FoundBy, ReadAlertStatus, ReadRule
from audit.read_alert_triggers import ReviewedByAnother
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned, Volume

OPEN = Q(status=ReadAlertStatus.OPEN)
ONE_OPEN = "An alert of this rule is open about this reader."
NOT_MINE = f"reader_id IS DISTINCT FROM {ME}"
"""Nobody reads or reviews alerts about themselves; without a person, nobody is oneself."""

STATES = StateMachine(
    ReadAlertStatus,
    initial=(ReadAlertStatus.OPEN,),
    moves={ReadAlertStatus.OPEN: (ReadAlertStatus.EXPLAINED, ReadAlertStatus.MISUSE)},
)


class ReadAlertQuerySet(models.QuerySet):
    """Reads of alerts."""

    def open(self) -> Self:
        """Those that wait for a review, the first due first."""
        return self.filter(OPEN).order_by("due_at", "pk")

    def overdue(self) -> Self:
        """Those that should have been reviewed by now."""
        return self.open().filter(due_at__lte=Now())

    def about(self, person_id: Any) -> Self:
        """Those in which data of this person was read."""
        from audit.models.trail.read_alert_reading import ReadAlertReading

        return self.filter(pk__in=ReadAlertReading.objects.filter(person_id=person_id).values("alert_id"))


class ReadAlert(Versioned):
    """One row per thing that is unusual about what a member of staff read: by which rule, how much, and how it ended.

    Written only by the function `read_alerts_find`, in the transaction of the reading or by the job; while it is open,
    further readings of the same kind join it. Reviewed by `audit.services.read_alerts`.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = HeldBy(person=("reader", "person"))

    rule = models.TextField(choices=ReadRule, db_comment="Which rule was met.")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="read_alerts",
        db_comment="The member of staff who read.",
    )
    reader_role = models.TextField(
        choices=ACTING_ROLE_CHOICES, db_comment="The database role of the first reading."
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="read_alerts_about",
        db_comment="Whose data, where the rule is about one person; null: see the readings.",
    )
    threshold = models.IntegerField(db_comment="The number at which the rule spoke, at that time.")
    measured = models.IntegerField(
        db_comment="The number that was measured; it grows while the alert is open."
    )
    first_at = models.DateTimeField(db_comment="The first of its readings (UTC).")
    last_at = models.DateTimeField(db_comment="The last of its readings (UTC).")
    found_by = models.TextField(choices=FoundBy, db_comment="What noticed it first.")
    due_at = models.DateTimeField(db_comment="By when somebody has to review it (UTC): three working days.")
    status = models.TextField(
        choices=ReadAlertStatus, db_default=ReadAlertStatus.OPEN, db_comment="How it stands."
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="read_alerts_reviewed",
        db_comment="Who reviewed it, never the reader nor whose data it was; null: nobody yet.",
    )
    reviewed_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was reviewed (UTC); set by trigger; null: it is open."
    )
    review_reason = personal(
        models.TextField(
            blank=True,
            default="",
            db_default="",
            db_comment="What was found, in the words of the reviewer; empty: open, or erased.",
        )
    )

    status_machine = STATES
    objects: Any = ReadAlertQuerySet.as_manager()

    class Meta:
        verbose_name = "alert on readings"
        verbose_name_plural = "alerts on readings"
        db_table_comment = (
            "One row per unusual reading, or row of readings, of one member of staff, and its review by somebody else. "
            "Written by read_alerts_find and audit.services.read_alerts. Kept 7 years."
        )
        permissions = [("review_readalert", "Can review alerts on unusual readings")]
        constraints = [
            one_of("rule", ReadRule),
            one_of("reader_role", [value for value, _ in ACTING_ROLE_CHOICES]),
            one_of("found_by", FoundBy),
            rule(
                Q(measured__gte=F("threshold"), threshold__gte=1),
                "measured",
                "A rule speaks at its threshold.",
            ),
            rule(Q(last_at__gte=F("first_at")), "last_at", "The last reading follows the first."),
            length_between("review_reason", 0, 2000),
            rule(
                Q(
                    status=ReadAlertStatus.OPEN,
                    reviewed_by__isnull=True,
                    reviewed_at__isnull=True,
                    review_reason="",
                )
                | ~Q(status=ReadAlertStatus.OPEN) & Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                "reviewed",
                "A reviewed alert says by whom and when; an open one does not.",
            ),
            rule(
                Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("reader")),
                "reviewed_by",
                "Nobody reviews their own readings. Ask a colleague.",
            ),
            unique("reader", "rule", when=OPEN & Q(person__isnull=True), message=ONE_OPEN),
            unique("reader", "rule", "person", when=OPEN & Q(person__isnull=False), message=ONE_OPEN),
            *policies(*READ_ALERT_READERS, command="select", using=NOT_MINE),
            Policy(role=Role.WORKER, command="select", using=ALL),
            Policy(role=Role.COMPLIANCE, command="update", using=NOT_MINE, check=f"reviewed_by_id = {ME}"),
        ]
        indexes = [
            BTree(
                fields=["reader", "-id"],
                serves="audit.admin.read_alerts: alerts about a reader, newest first",
            ),
            BTree(
                fields=["due_at", "id"],
                condition=OPEN,
                serves="audit.admin.read_alerts and the home page of compliance: what waits, the first due first",
            ),
        ]
        triggers = [
            Immutable(
                "rule", "reader", "reader_role", "person", "threshold", "first_at", "found_by", "due_at"
            ),
            ReviewedByAnother(),
        ]

    def __str__(self) -> str:
        return self.get_rule_display()

    @property
    def trail_name(self) -> str:
        """What the trail calls it: by its rule, and by nobody's name."""
        return f"{self.rule} {self.pk}"
