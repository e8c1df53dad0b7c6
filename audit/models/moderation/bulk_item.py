"""Cases of bulk jobs, with what became of each."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.bulk_triggers import ItemsWhilePreviewed, SettlesAsItWas
from audit.models.moderation.bulk import BulkJob
from audit.models.moderation.case import Case
from audit.models.moderation.decision import Decision
from audit.models.moderation.readers import CASE_STAFF, NOT_ABOUT_ME, OVERSEERS
from audit.moderation_choices import BulkItemStatus
from core.db.constraints import length_between, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Entity, Volume

DECIDED = [BulkItemStatus.DONE, BulkItemStatus.UNDONE, BulkItemStatus.KEPT]
"""Items that have a decision."""

UNSUCCESSFUL = [BulkItemStatus.REFUSED, BulkItemStatus.KEPT]
"""Items that say why something was not done."""


class BulkItem(Entity):
    """One row per case of a bulk job, with what became of it."""

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = HeldBy(person=("person",))

    job = models.ForeignKey(
        BulkJob,
        models.PROTECT,
        # A unique constraint leads with it.
        db_index=False,
        related_name="items",
        db_comment="The job that it belongs to.",
    )
    case = models.ForeignKey(
        Case,
        models.PROTECT,
        related_name="bulk_items",
        db_comment="The case that is decided.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="bulk_items_about",
        db_comment="About whom; taken from the case.",
    )
    status = models.TextField(
        choices=BulkItemStatus,
        default=BulkItemStatus.PENDING,
        db_comment="What became of it; moves are enforced.",
    )
    foreseen = models.TextField(
        blank=True,
        default="",
        db_comment="Why the preview expected it to be refused, in words; empty: it expected no obstacle.",
    )
    outcome_words = personal(
        models.TextField(
            blank=True,
            default="",
            db_comment="Why it was refused, or could not be undone, in words; else empty.",
        )
    )
    decision = models.OneToOneField(
        Decision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bulk_item",
        db_comment="The decision that was made; null: none.",
    )
    undo_decision = models.OneToOneField(
        Decision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bulk_item_undone",
        db_comment="The decision that undid it; null: it stands.",
    )

    status_machine = StateMachine(
        BulkItemStatus,
        initial=[BulkItemStatus.PENDING],
        moves={
            BulkItemStatus.PENDING: [BulkItemStatus.DONE, BulkItemStatus.REFUSED],
            BulkItemStatus.DONE: [BulkItemStatus.UNDONE, BulkItemStatus.KEPT],
        },
    )

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "case of a bulk job"
        verbose_name_plural = "cases of bulk jobs"
        db_table_comment = (
            "One row per case of a bulk job, with its outcome. "
            "Written by audit.services.bulk_jobs. Kept 7 years."
        )
        constraints = [
            unique("job", "case", message="A bulk job decides a case once."),
            length_between("foreseen", 0, 2000),
            length_between("outcome_words", 0, 2000),
            rule(
                Q(status__in=DECIDED, decision__isnull=False)
                | ~Q(status__in=DECIDED) & Q(decision__isnull=True),
                "decision",
                "What is done has a decision.",
            ),
            rule(
                Q(status=BulkItemStatus.UNDONE, undo_decision__isnull=False)
                | ~Q(status=BulkItemStatus.UNDONE) & Q(undo_decision__isnull=True),
                "undo_decision",
                "What is undone has a decision that undoes it.",
            ),
            rule(
                Q(status__in=UNSUCCESSFUL) & ~Q(outcome_words="")
                | ~Q(status__in=UNSUCCESSFUL) & Q(outcome_words=""),
                "outcome_words",
                "What is refused, or could not be undone, says why.",
            ),
            *policies(*CASE_STAFF, command="select", using=NOT_ABOUT_ME),
            *policies(*OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(*CASE_STAFF, command="insert", check=f"{NOT_ABOUT_ME} AND status = 'pending'"),
            *policies(*CASE_STAFF, Role.WORKER, command="update", using=NOT_ABOUT_ME),
        ]
        indexes = [
            BTree(
                fields=["job", "id"],
                condition=Q(status=BulkItemStatus.PENDING),
                serves="audit.services.bulk_runs: the cases that wait, in order",
            ),
            BTree(
                fields=["job", "id"],
                condition=Q(status=BulkItemStatus.DONE),
                name="%(app_label)s_%(class)s_done_idx",
                serves="audit.services.bulk_runs: the decisions that are to be undone, in order",
            ),
        ]
        triggers = [ItemsWhilePreviewed(), SettlesAsItWas(), Immutable("job", "case", "person", "foreseen")]

    def __str__(self) -> str:
        return self.get_status_display()
