"""Access reviews: once a quarter every grant of a role is looked at again (recertification)."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from audit.access_review_choices import ReviewStatus
from audit.access_review_triggers import BeginsQuarter, ClosesDecided, FreezesGrants
from core.db.constraints import matches, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, SOMEBODY, Policy, policies
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.models import Versioned, Volume

REVIEW_READERS = (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.WORKER)
"""Administrators decide, compliance signs off, auditors look, the worker opens."""


class AccessReviewQuerySet(models.QuerySet):
    """Reads of reviews."""

    def open(self) -> Self:
        """Reviews that are not closed, the earliest due date first."""
        return self.filter(status=ReviewStatus.OPEN).order_by("due_at", "pk")

    def overdue(self, within: timedelta = timedelta()) -> Self:
        """Open reviews that should be closed by now, or within that time."""
        return self.open().filter(due_at__lte=Now() + within)


class AccessReview(Versioned):
    """One row per quarter: the review of every grant of a role that was in force when it was opened.

    Written by `audit.services.access_reviews`; what it is about is frozen in `AccessReviewItem` by a trigger.
    """

    volume, retention = Volume.SMALL, "7 years"
    over = Over()
    held_by = NotHeld("Nobody deletes a review before its time, and what it froze never changes.")
    quiet_columns = ("overdue_told_at", "item_count")

    name = models.TextField(
        blank=True, editable=False, db_comment="Its quarter as people write it: 2026-Q4; set by trigger."
    )
    quarter = models.DateField(
        blank=True,
        editable=False,
        db_comment="First day of the quarter (UTC) in which it was opened; set by trigger.",
    )
    cut_off = models.DateTimeField(
        blank=True,
        editable=False,
        db_comment="Grants in force at this instant (UTC) are reviewed; later ones wait for the next review.",
    )
    due_at = models.DateTimeField(
        blank=True, editable=False, db_comment="By when everything has to be decided (UTC); set by trigger."
    )
    item_count = models.IntegerField(
        default=0, editable=False, db_comment="How many grants it froze; counted by trigger."
    )
    status = models.TextField(
        choices=ReviewStatus, default=ReviewStatus.OPEN, db_comment="Where it stands; moves are enforced."
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="access_reviews_opened",
        db_comment="Who opened it; null: the system.",
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="access_reviews_closed",
        db_comment="Who signed it off: somebody who decided none of its items; null: nobody yet.",
    )
    closed_at = models.DateTimeField(
        null=True, blank=True, editable=False, db_comment="When it was closed (UTC); null: it is open."
    )
    overdue_told_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="When a security event last told that it is overdue (UTC); null: never.",
    )

    status_machine = StateMachine(
        ReviewStatus, initial=[ReviewStatus.OPEN], moves={ReviewStatus.OPEN: [ReviewStatus.CLOSED]}
    )

    objects: Any = AccessReviewQuerySet.as_manager()

    class Meta:
        verbose_name = "access review"
        db_table_comment = (
            "One row per quarter: the review of every grant of a role. Written by audit.services.access_reviews. "
            "Kept 7 years."
        )
        permissions = [("close_accessreview", "Can sign off access reviews")]
        constraints = [
            unique("quarter", message="The access review of this quarter is open already."),
            matches("name", "^[0-9]{4}-Q[1-4]$", "A review is called by its quarter, as in 2026-Q4."),
            rule(Q(due_at__gt=F("cut_off")), "due_at", "A review is due after its cut-off."),
            rule(Q(item_count__gte=0), "item_count", "Counts are not negative."),
            rule(
                Q(status=ReviewStatus.OPEN, closed_by__isnull=True, closed_at__isnull=True)
                | Q(status=ReviewStatus.CLOSED, closed_by__isnull=False, closed_at__isnull=False),
                "closed",
                "A closed review says by whom and when, and no other one does.",
            ),
            *policies(*REVIEW_READERS, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
            Policy(role=Role.COMPLIANCE, command="update", using=SOMEBODY),
        ]
        indexes = [
            BTree(
                fields=["due_at", "id"],
                condition=Q(status=ReviewStatus.OPEN),
                name="%(app_label)s_%(class)s_due_idx",
                serves="The list of access reviews, the card on the home page, and the job: what is open, by due date",
            ),
            BTree(fields=["name"], serves="The search of the back office: the review of a quarter"),
        ]
        triggers = [BeginsQuarter(), ClosesDecided(), FreezesGrants()]

    def __str__(self) -> str:
        return self.name
