"""Cases: everything that is reported about one subject, from the first report to the last decision."""

from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat, Now, Right, Upper

from audit.case_triggers import FollowsQueue, GuardsMoves, RecordsMoves
from audit.models.moderation.queue import Queue
from audit.models.moderation.readers import FOR_MODERATORS, NOT_ABOUT_ME, OVERSEERS
from audit.moderation_choices import (
    CaseStatus,
    EscalationRoute,
    ReportCategory,
    ReportSource,
    SubjectKind,
)
from core.db.constraints import one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned, Volume

WAITING = (CaseStatus.OPEN, CaseStatus.REOPENED, CaseStatus.ESCALATED, CaseStatus.CLAIMED)
"""States in which somebody still has to decide."""

UNDECIDED = Q(status__in=WAITING)
NOT_CLOSED = ~Q(status=CaseStatus.CLOSED)
SEES_CASE = "EXISTS (SELECT FROM audit_case c WHERE c.id = case_id)"
"""The case itself is there for whoever asks, by its own policies."""


class CaseQuerySet(models.QuerySet):
    """Reads of cases."""

    def waiting(self) -> Self:
        """Cases on which somebody still has to decide, the most urgent first."""
        return self.filter(UNDECIDED).order_by("-priority", "due_at", "pk")

    def free(self) -> Self:
        """Those of them that nobody holds at this moment: a lease that has run out holds nothing."""
        return self.waiting().filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=Now()))

    def held_by(self, user_id: UUID) -> Self:
        """Cases that a moderator holds now."""
        return self.filter(UNDECIDED, claimed_by=user_id, claimed_until__gt=Now()).order_by("due_at", "pk")

    def overdue(self) -> Self:
        """Cases that should have been decided by now."""
        return self.filter(UNDECIDED, due_at__lte=Now())

    def about(self, kind: str, subject_id: UUID) -> Self:
        """Every case about a subject, the newest first."""
        return self.filter(subject_kind=kind, subject_id=subject_id).order_by("-pk")


class Case(Versioned):
    """One row per matter to decide: a subject, whoever reported it, where it waits and why so urgently.

    Opened and fed by the triggers of `audit_report`; at most one is not closed per subject. Moved by
    `audit.services.cases`, `audit.services.claims` and `audit.services.decisions`.
    """

    volume, retention = Volume.LARGE, "7 years after it is closed"
    over = Over("{row}.closed_at")
    held_by = HeldBy(person=("person",))
    quiet_columns = (
        "report_count",
        "last_reported_at",
        "categories",
        "sources",
        "priority",
        "priority_explanation",
        "due_at",
        "claimed_by",
        "claimed_until",
    )

    reference = models.GeneratedField(
        expression=Concat(Value("C-"), Upper(Right(Cast("id", models.TextField()), 8))),
        output_field=models.TextField(),
        db_persist=True,
        db_comment="What people quote: C- and the last eight digits of the id.",
    )
    subject_kind = models.TextField(choices=SubjectKind, db_comment="What it is about: the kind.")
    subject_id = models.UUIDField(
        db_comment="What it is about: the key of the row, in the table of the kind."
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="cases_about",
        db_comment="Whose subject it is: about whom is decided. Taken from the subject.",
    )
    queue = models.ForeignKey(
        Queue,
        models.PROTECT,
        related_name="cases",
        db_comment="Where it waits; set by the rules, and by whoever moves it.",
    )
    leads_only = models.BooleanField(default=False, db_comment="Taken from the queue: only leads see it.")
    status = models.TextField(
        choices=CaseStatus, default=CaseStatus.OPEN, db_comment="Where it stands; moves are enforced."
    )
    priority = models.IntegerField(
        default=0, db_comment="The sum of the points of its explanation, from 0 to 1000; the highest first."
    )
    priority_explanation = models.JSONField(
        default=list,
        db_comment="Why so urgent: a list of objects with words and points, written with the priority by trigger.",
    )
    due_at = models.DateTimeField(db_comment="When it should be decided (UTC).")
    report_count = models.IntegerField(default=0, db_comment="How many reports it has; kept by trigger.")
    first_reported_at = models.DateTimeField(db_comment="When the first report came in (UTC).")
    last_reported_at = models.DateTimeField(db_comment="When the latest report came in (UTC).")
    categories = ArrayField(
        models.TextField(choices=ReportCategory),
        default=list,
        db_comment="Categories of its reports, each once, in the order in which they came.",
    )
    sources = ArrayField(
        models.TextField(choices=ReportSource),
        default=list,
        db_comment="Sources of its reports, each once, in the order in which they came.",
    )
    queue_is_chosen = models.BooleanField(
        default=False, db_comment="Whether staff chose the queue: then the rules leave it."
    )
    escalated_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was escalated (UTC); null: never, or decided since."
    )
    escalation_route = models.TextField(
        choices=EscalationRoute, null=True, blank=True, db_comment="To whom; null: to nobody."
    )
    reopened_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was last reopened (UTC); null: never."
    )
    decided_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the latest decision was made (UTC); null: none yet."
    )
    closed_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was closed (UTC); null: it is not."
    )
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="cases_claimed",
        db_comment="Who holds it, while claimed_until lies ahead; kept by the triggers of claims.",
    )
    claimed_until = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When the lease of the claim ends by itself (UTC); null: nobody holds it.",
    )

    status_machine = StateMachine(
        CaseStatus,
        initial=[CaseStatus.OPEN],
        moves={
            CaseStatus.OPEN: [CaseStatus.CLAIMED],
            CaseStatus.REOPENED: [CaseStatus.CLAIMED],
            CaseStatus.CLAIMED: [
                CaseStatus.OPEN,
                CaseStatus.REOPENED,
                CaseStatus.ESCALATED,
                CaseStatus.DECIDED,
            ],
            CaseStatus.ESCALATED: [CaseStatus.CLAIMED],
            CaseStatus.DECIDED: [CaseStatus.CLOSED, CaseStatus.REOPENED],
            CaseStatus.CLOSED: [CaseStatus.REOPENED],
        },
    )

    objects: Any = CaseQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per matter to decide, about one subject. Opened by the triggers of audit_report, moved by "
            "audit.services.cases and decisions. Kept 7 years after it is closed."
        )
        permissions = [
            ("work_case", "Can claim, note, escalate and release cases"),
            ("decide_case", "Can decide cases"),
            ("reopen_case", "Can reopen closed cases"),
        ]
        constraints = [
            one_of("subject_kind", SubjectKind),
            unique(
                "subject_kind",
                "subject_id",
                when=NOT_CLOSED,
                name="subject",
                message="A case about this subject is open already.",
            ),
            rule(Q(priority__range=(0, 1000)), "priority", "A priority lies between 0 and 1000."),
            rule(Q(report_count__gte=0), "report_count", "A case has no fewer than no reports."),
            rule(
                Q(last_reported_at__gte=F("first_reported_at")),
                "last_reported_at",
                "The latest report does not come before the first.",
            ),
            rule(
                Q(categories__contained_by=ReportCategory.values),
                "categories",
                "These are not all categories.",
            ),
            rule(Q(sources__contained_by=ReportSource.values), "sources", "These are not all sources."),
            one_of("escalation_route", EscalationRoute),
            rule(
                Q(escalated_at__isnull=True, escalation_route__isnull=True)
                | Q(escalated_at__isnull=False, escalation_route__isnull=False),
                "escalated",
                "An escalated case says since when and to whom.",
            ),
            rule(
                ~Q(status=CaseStatus.ESCALATED) | Q(escalated_at__isnull=False),
                "escalated_at",
                "An escalated case says since when.",
            ),
            rule(
                Q(status=CaseStatus.CLOSED, closed_at__isnull=False)
                | ~Q(status=CaseStatus.CLOSED) & Q(closed_at__isnull=True),
                "closed_at",
                "A closed case says since when; another one does not.",
            ),
            rule(
                ~Q(status__in=[CaseStatus.DECIDED, CaseStatus.CLOSED]) | Q(decided_at__isnull=False),
                "decided_at",
                "A case is decided or closed with a decision.",
            ),
            rule(
                Q(claimed_by__isnull=True, claimed_until__isnull=True)
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
                "claimed",
                "A claim has a holder and an end.",
            ),
            rule(
                ~Q(status=CaseStatus.CLAIMED) | Q(claimed_by__isnull=False),
                "claimed_by",
                "A claimed case says who holds it.",
            ),
            rule(
                Q(claimed_by__isnull=True) | ~Q(claimed_by=F("person")),
                "own",
                "Nobody works a case about themselves.",
            ),
            Policy(role=Role.MODERATOR, command="select", using=FOR_MODERATORS),
            Policy(role=Role.LEAD_MODERATOR, command="select", using=NOT_ABOUT_ME),
            *policies(*OVERSEERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.MODERATOR, command="update", using=FOR_MODERATORS, check=NOT_ABOUT_ME),
            Policy(role=Role.LEAD_MODERATOR, command="update", using=NOT_ABOUT_ME),
            Policy(role=Role.COMPLIANCE, command="update", using=NOT_ABOUT_ME),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["queue", "-priority", "due_at", "id"],
                condition=UNDECIDED,
                name="%(app_label)s_%(class)s_next_idx",
                serves="docs/queries/next_case.sql: what a moderator of a queue takes next",
            ),
            BTree(
                F("priority").desc(),
                "due_at",
                "id",
                condition=UNDECIDED,
                name="%(app_label)s_%(class)s_urgent_idx",
                serves="docs/queries/urgent_cases.sql: the most urgent cases of all queues",
            ),
            BTree(
                fields=["claimed_by", "due_at"],
                condition=Q(claimed_by__isnull=False),
                serves="docs/queries/my_cases.sql: the cases that a moderator holds",
            ),
            BTree(
                fields=["due_at"],
                condition=UNDECIDED,
                serves="Home page of moderators and workload: cases that are overdue",
            ),
            BTree(fields=["person", "-id"], serves="docs/queries/cases_about_person.sql: a person's dossier"),
            BTree(
                fields=["subject_kind", "subject_id", "-id"],
                serves="docs/queries/cases_about_subject.sql: earlier cases about the same subject",
            ),
            BTree(fields=["reference"], serves="Search of staff: a case by the reference that people quote"),
            BTree(fields=["status", "-id"], serves="The list of cases: those in one state, newest first"),
            BTree(
                fields=["closed_at"],
                condition=Q(closed_at__isnull=False),
                serves="docs/queries/workload.sql: cases closed in a period",
            ),
        ]
        triggers = [
            Immutable("subject_kind", "subject_id", "person", "first_reported_at"),
            GuardsMoves(),
            RecordsMoves(),
            FollowsQueue(),
        ]

    def __str__(self) -> str:
        return str(self.reference)

    @property
    def trail_name(self) -> str:
        """The trail names cases by their reference alone."""
        return str(self.reference)
