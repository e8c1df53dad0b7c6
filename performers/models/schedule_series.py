"""Broadcasts that repeat: a rule over wall-clock time in a zone."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now, TruncDate

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import length_between, matches, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import Versioned, Volume

LONGEST_TITLE = 100
LONGEST_DURATION = 24 * 60
"""Minutes that a planned broadcast may take."""

LONGEST_SERIES = 731
"""Days from the first day of a series to its last: two years, a leap day included."""

RULE_PATTERN = (
    "^(?=.*;(COUNT|UNTIL)=)FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)"
    "(;(INTERVAL|COUNT|UNTIL|BYDAY|BYMONTHDAY|BYMONTH|BYSETPOS|WKST)=[A-Z0-9,+-]+)+$"
)
ZONE_PATTERN = "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$"
STAFF_READERS = (
    Role.SUPPORT,
    Role.MODERATOR,
    Role.LEAD_MODERATOR,
    Role.COMPLIANCE,
    Role.ANALYST,
    Role.AUDITOR,
)
RUNNING = Q(ended_at__isnull=True)


class ScheduleSeriesQuerySet(models.QuerySet):
    """Reads of series."""

    def running(self) -> Self:
        """Series that may still make occurrences; a day of grace for zones behind UTC."""
        return self.filter(RUNNING, last_day__gte=TruncDate(Now()) - Value(1, models.IntegerField()))


class ScheduleSeries(Versioned):
    """One row per repeating broadcast: an RFC 5545 rule over wall-clock time in an IANA zone.

    Written by `performers.services.series`. The rule names local days; `local_time` is the time on the clock on each of
    them, whatever daylight saving does. `rule` is the value of an RRULE as `performers.recurrence` writes it, always
    with an end. Viewers read occurrences, which carry the title, and never the rule.
    """

    volume, retention = Volume.LARGE, "13 months after its last day"
    over = Over(
        "least({row}.ended_at, ({row}.last_day + 1)::timestamp AT TIME ZONE 'UTC')",
        found="({row}.ended_at < {cut_off} OR {row}.last_day < ({cut_off} AT TIME ZONE 'UTC') - interval '1 day')",
    )
    held_by = HeldBy(person=("performer",))
    quiet_columns = ("expanded_until",)

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="schedule_series",
        db_comment="Who performs.",
    )
    title = models.TextField(db_comment="What is announced, in the performer's words.")
    time_zone = not_personal(models.TextField(db_comment="IANA time zone on whose clock the series runs."))
    first_day = models.DateField(db_comment="First day of the series on that clock; the rule falls on it.")
    local_time = models.TimeField(db_comment="Time of the start on that clock, to the minute.")
    duration_minutes = models.IntegerField(db_comment="Planned length in minutes.")
    rule = models.TextField(db_comment="Value of an RFC 5545 RRULE; always ends by COUNT or UNTIL.")
    last_day = models.DateField(db_comment="Last day on which the rule falls, on that clock.")
    ended_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When the performer or staff ended it early (UTC); null: it runs its course.",
    )
    expanded_until = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="Up to when occurrences exist (UTC); null: none made yet. Written by the expansion.",
    )

    objects: Any = ScheduleSeriesQuerySet.as_manager()

    class Meta:
        verbose_name = "series"
        verbose_name_plural = "series"
        db_table_comment = (
            "One row per repeating broadcast of a performer. Written by performers.services.series. "
            "Kept 13 months after its last day."
        )
        permissions = [("manage_schedule", "Can move and cancel broadcasts of performers and end series")]
        constraints = [
            *line("title", LONGEST_TITLE),
            length_between("time_zone", 1, 64),
            matches(
                "time_zone",
                ZONE_PATTERN,
                "A time zone is a name of the IANA database, such as Europe/Lisbon.",
            ),
            length_between("rule", 1, 400),
            matches(
                "rule",
                RULE_PATTERN,
                "A rule repeats by days, weeks, months or years, and ends by COUNT or UNTIL.",
            ),
            rule(
                Q(duration_minutes__gte=1, duration_minutes__lte=LONGEST_DURATION),
                "duration_minutes",
                "A broadcast is planned for 1 minute to 24 hours.",
            ),
            rule(
                Q(last_day__gte=F("first_day"))
                & Q(
                    last_day__lte=models.ExpressionWrapper(
                        F("first_day") + Value(LONGEST_SERIES, models.IntegerField()), models.DateField()
                    )
                ),
                "last_day",
                "A series ends within two years of its first day. Prolong it before it ends.",
            ),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            *policies(*STAFF_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.SUPPORT, command="update", using=f"performer_id <> {ME}"),
            Policy(role=Role.WORKER, command="update", using="ended_at IS NULL"),
        ]
        indexes = [
            BTree(
                fields=["ended_at"],
                condition=models.Q(ended_at__isnull=False),
                serves="audit.services.retention: series that were ended long ago",
            ),
            BTree(
                fields=["last_day"],
                condition=models.Q(last_day__isnull=False),
                serves="audit.services.retention: series whose last day was long ago",
            ),
            BTree(
                fields=["performer", "-id"],
                serves="A performer's page and own settings: series, newest first",
            ),
            BTree(
                fields=["id"],
                condition=RUNNING,
                name="%(app_label)s_%(class)s_running_idx",
                serves="performers.services.expansion: series that still run, by key",
            ),
        ]
        triggers = [Immutable("performer"), RefuseErasedPerson("performer")]

    def __str__(self) -> str:
        return self.title
