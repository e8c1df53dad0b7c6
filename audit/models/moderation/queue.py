"""Queues of cases, the rules that fill them, and the filters that staff keep."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit.models.moderation.readers import CASE_STAFF, LEADS, OVERSEERS
from audit.moderation_choices import ReportCategory, ReportSource, SubjectKind
from audit.policy_triggers import QueueTakesCasesAlong
from core.db.constraints import matches, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, SOMEBODY, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import Entity, History, Versioned, Volume

MOST_POINTS = 1000
QUEUE_READERS = (*CASE_STAFF, *OVERSEERS, Role.WORKER)


class Queue(Versioned):
    """One row per queue in which cases wait. Written by `audit.services.queues`."""

    volume, retention = Volume.SMALL, "for good: cases name it"
    held_by = NotHeld("It is about nobody.")

    code = models.TextField(db_comment="Name in addresses and rules; never changed.")
    name = models.TextField(db_comment="Name that staff read.")
    description = models.TextField(blank=True, default="", db_comment="What belongs here; for staff.")
    position = models.IntegerField(default=100, db_comment="Place in lists, from 0; the smallest first.")
    due_within = models.DurationField(
        default=timedelta(hours=24),
        db_comment="A case is due so long after its first report, unless a rule says less.",
    )
    leads_only = models.BooleanField(
        default=False, db_comment="Only lead moderators see, claim and decide what waits here."
    )
    is_default = models.BooleanField(
        default=False, db_comment="Takes every case that no rule claims; exactly one."
    )
    is_active = models.BooleanField(default=True, db_comment="Whether new cases come here.")

    objects: Any = models.Manager()
    history = History()

    class Meta:
        db_table_comment = (
            "One row per queue in which cases wait. "
            "Written by audit.services.queues. Kept for good: cases name it."
        )
        permissions = [("manage_queue", "Can make queues and their rules, and move cases between queues")]
        constraints = [
            matches("code", "^[a-z][a-z0-9_]{1,39}$", "A code has small letters, digits and underscores."),
            unique("code", message="There is a queue of this code."),
            *line("name", 60),
            *paragraphs("description", 1000),
            rule(
                Q(due_within__gte=timedelta(minutes=5), due_within__lte=timedelta(days=60)),
                "due_within",
                "A case is due within five minutes to sixty days.",
            ),
            unique(
                "is_default",
                when=Q(is_default=True),
                name="default",
                message="There is a default queue already.",
            ),
            rule(
                Q(is_default=False) | Q(is_active=True, leads_only=False),
                "is_default",
                "The default queue is active and open to every moderator.",
            ),
            *policies(*QUEUE_READERS, command="select", using=ALL),
            *policies(*LEADS, command="insert", check=SOMEBODY),
            *policies(*LEADS, command="update", using=SOMEBODY),
        ]
        triggers = [Immutable("code"), QueueTakesCasesAlong()]

    def __str__(self) -> str:
        return self.name


class QueueRule(Versioned):
    """One row per rule: which cases it is about, and what it does to them. Empty conditions hold for every case.

    Every active rule that matches adds its points to the priority, with its name as the explanation. The first match,
    by `position`, that names a queue decides where the case waits and by when it is due. Evaluated by
    `moderation_triage` in the database; written by `audit.services.queues`.
    """

    volume, retention = Volume.SMALL, "while it is in use; its history for 7 years"
    held_by = NotHeld("It is about nobody.")

    name = models.TextField(db_comment="What it is about, as the explanation of a priority says it.")
    position = models.IntegerField(
        db_comment="Order in which rules are asked for the queue; the smallest first."
    )
    is_active = models.BooleanField(default=True, db_comment="Whether it is asked at all.")
    categories = ArrayField(
        models.TextField(choices=ReportCategory),
        default=list,
        blank=True,
        db_comment="Matches cases with a report of one of these categories; empty: of any.",
    )
    subject_kinds = ArrayField(
        models.TextField(choices=SubjectKind),
        default=list,
        blank=True,
        db_comment="Matches cases about one of these kinds of subject; empty: about any.",
    )
    sources = ArrayField(
        models.TextField(choices=ReportSource),
        default=list,
        blank=True,
        db_comment="Matches cases with a report from one of these sources; empty: from any.",
    )
    least_reports = models.IntegerField(default=1, db_comment="Matches cases with at least so many reports.")
    least_strike_points = models.IntegerField(
        default=0, db_comment="Matches cases about a person with at least so many points of strikes in force."
    )
    live_only = models.BooleanField(default=False, db_comment="Matches only what is on air at this moment.")
    points = models.IntegerField(default=0, db_comment="Added to the priority of the case; may be negative.")
    queue = models.ForeignKey(
        Queue,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rules",
        db_comment="Where the case waits; null: the rule says nothing about it.",
    )
    due_within = models.DurationField(
        null=True, blank=True, db_comment="Due so long after the first report; null: as the queue says."
    )

    objects: Any = models.Manager()
    history = History()

    class Meta:
        db_table_comment = (
            "One row per rule by which cases get their queue, priority and due time. Written by "
            "audit.services.queues. Kept while in use; its history for 7 years."
        )
        constraints = [
            *line("name", 120),
            unique("name", message="There is a rule of this name."),
            unique("position", message="Two rules cannot stand in the same place."),
            rule(Q(least_reports__range=(1, 10_000)), "least_reports", "A case has at least one report."),
            rule(Q(least_strike_points__range=(0, 1000)), "least_strike_points", "Points are not negative."),
            rule(Q(points__range=(-MOST_POINTS, MOST_POINTS)), "points", "A rule adds at most 1,000 points."),
            rule(
                Q(due_within__gte=timedelta(minutes=5), due_within__lte=timedelta(days=60)),
                "due_within",
                "A case is due within five minutes to sixty days.",
            ),
            rule(
                Q(categories__contained_by=ReportCategory.values),
                "categories",
                "These are not all categories of reports.",
            ),
            rule(
                Q(subject_kinds__contained_by=SubjectKind.values),
                "subject_kinds",
                "These are not all kinds of subjects.",
            ),
            rule(
                Q(sources__contained_by=ReportSource.values),
                "sources",
                "These are not all sources of reports.",
            ),
            *policies(*QUEUE_READERS, command="select", using=ALL),
            *policies(*LEADS, command="insert", check=SOMEBODY),
            *policies(*LEADS, command="update", using=SOMEBODY),
            *policies(*LEADS, command="delete", using=SOMEBODY),
        ]

    def __str__(self) -> str:
        return self.name


class SavedFilter(Entity):
    """One row per view of the list of cases that somebody keeps, for themselves or for all.

    Written by `audit.services.saved_filters`.
    """

    volume, retention = Volume.SMALL, "until its owner deletes it"
    held_by = NotHeld("A working aid of staff; nothing is proved by it.")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # A unique constraint leads with it.
        db_index=False,
        related_name="saved_filters",
        db_comment="Who made it.",
    )
    name = personal(models.TextField(db_comment="What its owner calls it."))
    parameters = models.JSONField(
        db_comment="Filters of the list of cases by parameter of its address; only such as the list knows."
    )
    is_shared = models.BooleanField(default=False, db_comment="Whether colleagues see it.")

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per kept view of the list of cases. Written by audit.services.saved_filters. "
            "Kept until its owner deletes it."
        )
        constraints = [
            *line("name", 60),
            unique("owner", "name", message="You have a filter of this name."),
            *policies(*CASE_STAFF, command="select", using=f"owner_id = {ME} OR is_shared"),
            *policies(*OVERSEERS, command="select", using="is_shared"),
            *policies(*CASE_STAFF, command="insert", check=f"owner_id = {ME}"),
            *policies(*CASE_STAFF, command="update", using=f"owner_id = {ME}"),
            *policies(*CASE_STAFF, command="delete", using=f"owner_id = {ME}"),
        ]
        indexes = [
            BTree(
                fields=["name"],
                condition=Q(is_shared=True),
                serves="The list of cases: filters that everybody sees, by name",
            )
        ]

    def __str__(self) -> str:
        return self.name
