"""What the retention job did to each table."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from audit.choices import RetentionOutcome
from core.db.constraints import length_between, one_of, rule
from core.db.indexes import BTree
from core.db.retention import Over
from core.models import Fact, Identified, Volume


class RetentionRun(Fact, Identified):
    """One row per table and run of `manage.py retention_run`, rehearsals included; written when it is over."""

    volume, retention = Volume.LARGE, "7 years"
    over = Over()

    policy = models.ForeignKey(
        "audit.RetentionPolicy",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="runs",
        db_comment="The policy that was obeyed.",
    )
    period = models.TextField(db_comment="Its period at that time, as an ISO 8601 duration.")
    dry_run = models.BooleanField(db_comment="Was it a rehearsal, which deletes nothing?")
    cut_off = models.DateTimeField(db_comment="Rows whose time began before this were over (UTC).")
    found = models.BigIntegerField(db_comment="Rows whose time was over.")
    deleted = models.BigIntegerField(db_comment="Rows that were deleted; in a rehearsal none.")
    archived = models.BigIntegerField(
        default=0, db_default=0, db_comment="Rows that left for the archive; in a rehearsal none."
    )
    held = models.BigIntegerField(db_comment="Rows that a legal hold kept.")
    bound = models.BigIntegerField(
        default=0, db_default=0, db_comment="Rows that are over and stay, since others refer to them still."
    )
    partitions = models.IntegerField(
        default=0,
        db_default=0,
        db_comment="Whole partitions whose time is over; they leave by the life cycle.",
    )
    is_estimate = models.BooleanField(
        default=False,
        db_default=False,
        db_comment="Are the rows of partitions estimated by the planner's figures, and those held not counted?",
    )
    explanation = models.TextField(
        blank=True,
        default="",
        db_default="",
        db_comment="Why nothing was deleted, or what went along; empty: nothing to say.",
    )
    outcome = models.TextField(choices=RetentionOutcome, db_comment="How it ended.")
    error = models.TextField(
        blank=True, default="", db_default="", db_comment="What went wrong; empty: nothing."
    )
    started_at = models.DateTimeField(db_comment="When it began (UTC).")
    finished_at = models.DateTimeField(db_comment="When it ended (UTC).")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "run of retention"
        verbose_name_plural = "runs of retention"
        db_table_comment = (
            "One row per table and run of retention. Written by audit.services.retention. Kept 7 years."
        )
        constraints = [
            one_of("outcome", RetentionOutcome),
            rule(
                Q(found__gte=F("deleted") + F("archived") + F("held") + F("bound"))
                & Q(deleted__gte=0, archived__gte=0, held__gte=0, bound__gte=0, partitions__gte=0),
                "counts",
                "No more is deleted, archived, held and bound than was found.",
            ),
            rule(Q(dry_run=False) | Q(deleted=0, archived=0), "dry_run", "A rehearsal deletes nothing."),
            rule(
                Q(outcome=RetentionOutcome.FAILED) & ~Q(error="")
                | ~Q(outcome=RetentionOutcome.FAILED) & Q(error=""),
                "error",
                "A failed run says what went wrong, and no other does.",
            ),
            rule(Q(finished_at__gte=F("started_at")), "finished_at", "A run ends after it began."),
            length_between("error", 0, 2000),
            length_between("explanation", 0, 1000),
        ]
        indexes = [
            BTree(
                fields=["policy", "-id"],
                serves="docs/queries/runs_of_retention.sql: of a table, newest first",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.started_at:%Y-%m-%d %H:%M} UTC"
