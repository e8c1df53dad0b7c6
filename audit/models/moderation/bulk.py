"""Bulk jobs: one decision on many cases: previewed, approved by a second person above a size, undone as a whole."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from audit.models.moderation.case import Case
from audit.models.moderation.decision import Decision
from audit.models.moderation.policy import PolicyVersion
from audit.models.moderation.readers import CASE_STAFF, NOT_ABOUT_ME, OVERSEERS
from audit.moderation_choices import BulkItemStatus, BulkStatus, DecisionOutcome, EffectKind
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy, NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import paragraphs
from core.db.triggers import Immutable
from core.models import Entity, Versioned, Volume

MOST_ITEMS = 1000
"""Cases of one bulk job."""

ALONE_UP_TO = 25
"""So many cases somebody decides in bulk alone; more need a second person."""

UNDER_WAY = [BulkStatus.APPROVED, BulkStatus.RUNNING, BulkStatus.DONE, BulkStatus.UNDOING, BulkStatus.UNDONE]


class BulkJob(Versioned):
    """One row per decision on many cases. Written by `audit.services.bulk_jobs`; carried out by a job, case by case."""

    volume, retention = Volume.SMALL, "7 years"
    held_by = NotHeld("It is about many; the rows about each are held.")

    title = models.TextField(db_comment="What it is about, for colleagues.")
    outcome = models.TextField(choices=DecisionOutcome, db_comment="What is decided on each case.")
    policy_version = models.ForeignKey(
        PolicyVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bulk_jobs",
        db_comment="The ground of a violation; null: no violation.",
    )
    effects = ArrayField(
        models.TextField(choices=EffectKind),
        default=list,
        blank=True,
        db_comment="Effects on each case, those that its subject admits; empty: none.",
    )
    lasts = models.DurationField(
        null=True, blank=True, db_comment="For how long bars hold; null: not limited."
    )
    reasons = personal(
        models.TextField(db_comment="Facts and circumstances, in words for the people concerned.")
    )
    item_count = models.IntegerField(db_comment="How many cases the preview showed, and are decided.")
    status = models.TextField(
        choices=BulkStatus, default=BulkStatus.PREVIEWED, db_comment="Where it stands; moves are enforced."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="bulk_jobs_created",
        db_comment="Who asks for it, and in whose name it is decided.",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bulk_jobs_approved",
        db_comment="The second person; null: none, or none needed.",
    )
    approved_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was approved (UTC); null: it was not."
    )
    finished_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the last case was decided or undone (UTC); null: not yet."
    )
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bulk_jobs_undone",
        db_comment="Who had it undone; null: nobody.",
    )

    status_machine = StateMachine(
        BulkStatus,
        initial=[BulkStatus.PREVIEWED],
        moves={
            BulkStatus.PREVIEWED: [BulkStatus.WAITING, BulkStatus.APPROVED, BulkStatus.CANCELLED],
            BulkStatus.WAITING: [BulkStatus.APPROVED, BulkStatus.CANCELLED],
            BulkStatus.APPROVED: [BulkStatus.RUNNING, BulkStatus.CANCELLED],
            BulkStatus.RUNNING: [BulkStatus.DONE],
            BulkStatus.DONE: [BulkStatus.UNDOING],
            BulkStatus.UNDOING: [BulkStatus.UNDONE],
        },
    )

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per decision on many cases at once. Written by audit.services.bulk_jobs. Kept 7 years."
        )
        permissions = [
            ("create_bulkjob", "Can preview and start bulk jobs"),
            ("approve_bulkjob", "Can approve bulk jobs of others"),
            ("undo_bulkjob", "Can undo bulk jobs"),
        ]
        constraints = [
            length_between("title", 3, 120),
            one_of("outcome", [DecisionOutcome.VIOLATION, DecisionOutcome.NO_VIOLATION]),
            rule(Q(effects__contained_by=EffectKind.values), "effects", "These are not all effects."),
            *paragraphs("reasons", 5000),
            rule(~Q(reasons=""), "reasons", "A decision says why."),
            rule(
                Q(item_count__range=(1, MOST_ITEMS)),
                "item_count",
                f"A bulk job decides 1 to {MOST_ITEMS:,} cases. Narrow the filter, or make several jobs.",
            ),
            rule(
                Q(outcome=DecisionOutcome.VIOLATION, policy_version__isnull=False, effects__len__gte=1)
                | Q(outcome=DecisionOutcome.NO_VIOLATION, policy_version__isnull=True, effects__len=0),
                "outcome_ground",
                "A violation names its ground and at least one effect; no violation has neither.",
            ),
            rule(
                Q(approved_by__isnull=True) | ~Q(approved_by=F("created_by")),
                "four_eyes",
                "Somebody else approves a bulk job.",
            ),
            rule(
                Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                "approved",
                "An approval says who and when.",
            ),
            rule(
                Q(item_count__lte=ALONE_UP_TO) | Q(approved_by__isnull=False) | ~Q(status__in=UNDER_WAY),
                "size",
                f"More than {ALONE_UP_TO} cases need the approval of a second person.",
            ),
            *policies(*CASE_STAFF, *OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(*CASE_STAFF, command="insert", check=f"created_by_id = {ME} AND status = 'previewed'"),
            *policies(*CASE_STAFF, Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["-id"],
                condition=Q(status=BulkStatus.WAITING),
                name="%(app_label)s_%(class)s_waiting_idx",
                serves="Home page of lead moderators: bulk jobs that wait for a second person",
            )
        ]
        triggers = [
            Immutable("outcome", "policy_version", "effects", "lasts", "reasons", "item_count", "created_by")
        ]

    def __str__(self) -> str:
        return self.title


class BulkItem(Entity):
    """One row per case of a bulk job, with what became of it."""

    volume, retention = Volume.LARGE, "7 years"
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
    outcome_words = personal(
        models.TextField(blank=True, default="", db_comment="Why it was refused, in words; else empty.")
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
            BulkItemStatus.DONE: [BulkItemStatus.UNDONE],
        },
    )

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per case of a bulk job, with its outcome. "
            "Written by audit.services.bulk_jobs. Kept 7 years."
        )
        constraints = [
            unique("job", "case", message="A bulk job decides a case once."),
            length_between("outcome_words", 0, 2000),
            rule(
                Q(status__in=[BulkItemStatus.DONE, BulkItemStatus.UNDONE], decision__isnull=False)
                | ~Q(status__in=[BulkItemStatus.DONE, BulkItemStatus.UNDONE]) & Q(decision__isnull=True),
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
                ~Q(status=BulkItemStatus.REFUSED) | ~Q(outcome_words=""),
                "outcome_words",
                "What is refused says why.",
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
                serves="audit.services.bulk_jobs: the cases that wait, in order",
            )
        ]
        triggers = [Immutable("job", "case", "person")]

    def __str__(self) -> str:
        return self.get_status_display()
