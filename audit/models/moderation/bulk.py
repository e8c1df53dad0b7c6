"""Bulk jobs: one decision on many cases: previewed, approved by a second person above a size, undone as a whole."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from audit.bulk_triggers import GuardsBulkMoves, RecordsBulkRole
from audit.models.moderation.policy import PolicyVersion
from audit.models.moderation.readers import CASE_STAFF, OVERSEERS
from audit.moderation_choices import BulkStatus, DecisionOutcome, EffectKind
from core.db.constraints import length_between, one_of, rule
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, SOMEBODY, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import paragraphs
from core.db.triggers import Immutable
from core.models import Versioned, Volume

MOST_ITEMS = 1000
"""Cases of one bulk job."""

ALONE_UP_TO = 25
"""So many cases somebody decides in bulk alone; more need a second person."""

UNDER_WAY = [BulkStatus.APPROVED, BulkStatus.RUNNING, BulkStatus.DONE, BulkStatus.UNDOING, BulkStatus.UNDONE]


class BulkJob(Versioned):
    """One row per decision on many cases. Written by `audit.services.bulk_jobs`; carried out by a job, case by case."""

    volume, retention = Volume.SMALL, "7 years"
    over = Over()
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
    acting_role = models.TextField(
        choices=[(role.value, role.label) for role in CASE_STAFF],
        db_comment="Database role in which it was asked for, and in which it is decided; taken from the transaction.",
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
        db_comment="Who had it undone, and in whose name it is undone; null: nobody.",
    )
    undo_reasons = personal(
        models.TextField(
            blank=True,
            default="",
            db_comment="Why it was undone, in words for the people concerned; empty: it was not.",
        )
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
            one_of("acting_role", [role.value for role in CASE_STAFF]),
            *paragraphs("undo_reasons", 5000),
            rule(
                Q(undone_by__isnull=True, undo_reasons="") | Q(undone_by__isnull=False) & ~Q(undo_reasons=""),
                "undone",
                "Whoever has a bulk job undone says why.",
            ),
            rule(
                Q(status__in=[BulkStatus.UNDOING, BulkStatus.UNDONE], undone_by__isnull=False)
                | ~Q(status__in=[BulkStatus.UNDOING, BulkStatus.UNDONE]) & Q(undone_by__isnull=True),
                "undone_by",
                "What is undone says who had it undone.",
            ),
            rule(
                Q(lasts__isnull=True) | Q(lasts__gte=timedelta(hours=1), lasts__lte=timedelta(days=1830)),
                "lasts",
                "A bar lasts an hour to five years.",
            ),
            *policies(*CASE_STAFF, *OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(*CASE_STAFF, command="insert", check=f"created_by_id = {ME} AND status = 'previewed'"),
            *policies(*CASE_STAFF, command="update", using=SOMEBODY),
            *policies(Role.WORKER, command="update", using=ALL),
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
            RecordsBulkRole(),
            GuardsBulkMoves(),
            Immutable(
                "title",
                "outcome",
                "policy_version",
                "effects",
                "lasts",
                "reasons",
                "item_count",
                "created_by",
                "acting_role",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def trail_name(self) -> str:
        """The trail says how many, not in whose words."""
        return f"{self.get_outcome_display()}, {self.item_count} cases"
