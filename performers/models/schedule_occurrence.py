"""Planned broadcasts: made from a series, or planned once."""

import datetime as dt
from typing import Any, Self

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now
from django.db.models.lookups import LessThanOrEqual

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import length_between, matches, no_overlap, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal, personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line
from core.db.triggers import Immutable
from core.models import Versioned, Volume
from performers.choices import OccurrenceStatus
from performers.models.schedule_series import LONGEST_DURATION, LONGEST_TITLE, STAFF_READERS, ZONE_PATTERN
from performers.schedule_triggers import KeepsClearOfTimeOff

LIVING = ~Q(status=OccurrenceStatus.WITHDRAWN)
LONGEST = dt.timedelta(minutes=LONGEST_DURATION)
UNTOUCHED = Q(status__in=[OccurrenceStatus.SCHEDULED, OccurrenceStatus.CONFLICTING], moved_at__isnull=True)
LENGTH = Func(
    F("during"),
    template="(upper(%(expressions)s) - lower(%(expressions)s))",
    output_field=models.DurationField(),
)


class ScheduleOccurrenceQuerySet(models.QuerySet):
    """Reads of planned broadcasts."""

    def shown(self) -> Self:
        """Those that the public sees."""
        return self.filter(is_public=True)

    def conflicting(self) -> Self:
        """Those that could not be scheduled and still lie ahead."""
        return self.filter(status=OccurrenceStatus.CONFLICTING, starts_at__gt=Now())

    def between(self, start: dt.datetime, end: dt.datetime) -> Self:
        """Those of which some part lies in the half-open span.

        Row policies let an index be asked by nothing that could leak, which overlap of ranges is not said to be. None
        is longer than a day, so the start says first which ones can.
        """
        return self.filter(starts_at__gt=start - LONGEST, starts_at__lt=end, during__overlap=(start, end))

    def upcoming(self) -> Self:
        """Those that have not begun, the next one first."""
        return self.filter(starts_at__gt=Now()).order_by("starts_at", "pk")


class ScheduleOccurrence(Versioned):
    """One row per planned broadcast, in a series or by itself.

    Written by `performers.services.occurrences` and `performers.services.expansion`. Within its series an occurrence is
    known by its local day, and keeps the start that the rule gave it: moved, cancelled or not, it is never made again.
    What a series no longer makes is withdrawn and stays, since a stream may point to it. The public sees what
    is scheduled or cancelled, as long as it sees the performer; a trigger keeps that in `is_public`.
    """

    volume, retention = Volume.LARGE, "13 months after its end"
    over = Over("upper({row}.during)")
    held_by = HeldBy(person=("performer",))
    quiet_columns = ("is_public",)

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="schedule_occurrences",
        db_comment="Who performs.",
    )
    series = models.ForeignKey(
        "performers.ScheduleSeries",
        models.PROTECT,
        null=True,
        blank=True,
        # The unique indexes over series and day, and series and start, lead with it.
        db_index=False,
        related_name="occurrences",
        db_comment="The series that made it; null: planned once, by itself.",
    )
    original_day = models.DateField(
        db_comment="Day on the clock of time_zone on which it was first planned; its name within the series."
    )
    original_start = models.DateTimeField(db_comment="Start as first planned (UTC); never changes.")
    during = DateTimeRangeField(db_comment="Half-open UTC range for which it is planned now.")
    starts_at = models.GeneratedField(
        expression=Func(F("during"), function="lower", output_field=models.DateTimeField()),
        output_field=models.DateTimeField(),
        db_persist=True,
        db_comment="Start of during (UTC), by which lists are ordered.",
    )
    time_zone = not_personal(models.TextField(db_comment="IANA time zone in which it was planned."))
    title = models.TextField(db_comment="What is announced, in the performer's words.")
    status = models.TextField(
        choices=OccurrenceStatus,
        default=OccurrenceStatus.SCHEDULED,
        db_comment="Where it stands; moves are enforced.",
    )
    moved_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was last moved by hand (UTC); null: as first planned."
    )
    cancelled_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was cancelled (UTC); null: it was not."
    )
    reason = personal(
        models.TextField(
            blank=True, default="", db_comment="Why it was last moved or cancelled; empty: not said."
        )
    )
    is_public = models.BooleanField(
        default=False,
        editable=False,
        db_comment="Does the public see it: scheduled or cancelled, of a performer who is public? Kept by trigger.",
    )

    status_machine = StateMachine(
        OccurrenceStatus,
        initial=[OccurrenceStatus.SCHEDULED, OccurrenceStatus.CONFLICTING],
        moves={
            OccurrenceStatus.SCHEDULED: [OccurrenceStatus.CANCELLED, OccurrenceStatus.WITHDRAWN],
            OccurrenceStatus.CONFLICTING: [
                OccurrenceStatus.SCHEDULED,
                OccurrenceStatus.CANCELLED,
                OccurrenceStatus.WITHDRAWN,
            ],
        },
    )

    objects: Any = ScheduleOccurrenceQuerySet.as_manager()

    class Meta:
        verbose_name = "planned broadcast"
        db_table_comment = (
            "One row per planned broadcast. Written by performers.services.occurrences and .expansion. "
            "Kept 13 months after its end."
        )
        constraints = [
            *line("title", LONGEST_TITLE),
            length_between("time_zone", 1, 64),
            matches(
                "time_zone",
                ZONE_PATTERN,
                "A time zone is a name of the IANA database, such as Europe/Lisbon.",
            ),
            length_between("reason", 0, 2000),
            rule(
                Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                "during",
                "A broadcast has a start, and an end after it.",
            ),
            rule(
                LessThanOrEqual(LENGTH, Value(LONGEST)),
                "length",
                "A broadcast is planned for 24 hours at most.",
            ),
            rule(
                Q(cancelled_at__isnull=False, status=OccurrenceStatus.CANCELLED)
                | Q(cancelled_at__isnull=True) & ~Q(status=OccurrenceStatus.CANCELLED),
                "cancelled_at",
                "What is cancelled says when.",
            ),
            rule(
                Q(moved_at__isnull=False) | Q(starts_at=F("original_start")),
                "moved_at",
                "What begins at another time than first planned says when it was moved.",
            ),
            no_overlap(
                "performer",
                during="during",
                when=Q(status=OccurrenceStatus.SCHEDULED),
                message="Another broadcast of this performer is scheduled in part of this time. "
                "Choose another time, or move or cancel the other one first.",
            ),
            unique(
                "series",
                "original_start",
                when=Q(series__isnull=False) & LIVING,
                message="This series has an occurrence with this start already.",
            ),
            unique(
                "series",
                "original_day",
                when=Q(series__isnull=False) & LIVING,
                message="This series has an occurrence on this day already.",
            ),
            Policy(role=Role.VIEWER, command="select", using="is_public"),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME} OR is_public"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            *policies(*STAFF_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.SUPPORT, command="update", using=f"performer_id <> {ME}"),
            # Single ones are planned by performers; an import takes in those of the past.
            Policy(
                role=Role.WORKER, command="insert", check="series_id IS NOT NULL OR upper(during) <= now()"
            ),
            Policy(
                role=Role.WORKER, command="update", using="series_id IS NOT NULL AND cancelled_at IS NULL"
            ),
        ]
        indexes = [
            BTree(
                fields=["series", "original_day"],
                serves="A series and all that it ever made, withdrawn ones too; its page in the back office",
            ),
            BTree(
                fields=["performer", "starts_at"],
                serves="docs/queries/broadcasts_ahead.sql: what a performer has planned, the next first",
            ),
            BTree(
                fields=["starts_at", "id"],
                condition=Q(is_public=True),
                name="%(app_label)s_%(class)s_shown_idx",
                serves="docs/queries/week_of_broadcasts.sql: everything planned within a week, in order of time",
            ),
            BTree(
                fields=["starts_at"],
                condition=Q(status=OccurrenceStatus.CONFLICTING),
                name="%(app_label)s_%(class)s_conflicting_idx",
                serves="docs/queries/broadcasts_in_conflict.sql: the card and the list of support",
            ),
        ]
        triggers = [
            Immutable("performer", "series", "original_day", "original_start"),
            KeepsClearOfTimeOff(),
            RefuseErasedPerson("performer"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.during.lower:%Y-%m-%d %H:%M} UTC"

    @property
    def is_over(self) -> bool:
        """Whether its planned end has passed, by the clock of this process; for buttons, not for rules."""
        return self.during.upper <= dt.datetime.now(dt.UTC)
