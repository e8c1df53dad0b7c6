"""Who comes back: viewers and subscriptions by the week or month of their beginning."""

from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Func, IntegerField, Q, Value, When
from django.db.models.lookups import Exact

from analytics.audience_choices import SEGMENTS, CohortKind, CohortSegment, CohortStep
from analytics.audience_policies import AUDIENCE_READERS
from core.db.constraints import one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.retention import Over
from core.db.roles import Role
from core.models import Entity, Volume


def _between(template: str) -> Func:
    """SQL over the first days of the two periods: `%(expressions)s` is the difference of the dates."""
    return Func(F("period"), F("cohort"), arg_joiner=" - ", template=template, output_field=IntegerField())


def _months(field: str) -> Func:
    template = "(extract(year FROM %(expressions)s) * 12 + extract(month FROM %(expressions)s))::integer"
    return Func(F(field), template=template, output_field=IntegerField())


def _begins(field: str, step: CohortStep) -> Exact:
    part = "isodow" if step is CohortStep.WEEK else "day"
    template = f"extract({part} FROM %(expressions)s)::integer"
    number = Func(F(field), template=template, output_field=IntegerField())
    return Exact(number, Value(1))


def _begins_a_period() -> Q:
    """Weeks begin on Monday, months on their first day."""
    found = Q()
    for step in CohortStep:
        found |= Q(Q(step=step), _begins("cohort", step), _begins("period", step))
    return found


class RetentionCohortQuerySet(models.QuerySet):
    """Reads of grids."""

    def grid(self, kind: str, step: str, segment: str = CohortSegment.ALL) -> Self:
        """The cells of one grid, cohort by cohort, each by age."""
        return self.filter(kind=kind, step=step, segment=segment).order_by("cohort", "period")


class RetentionCohort(Entity):
    """One row per cohort, segment and later period: how many of those who began in the one were there in the other.

    Viewers begin with the first day on which they were here, and are there in a period in which they were here on some
    day. Subscriptions begin with their first day in force, and are there in a later period when they are in force at
    its first instant. In the period of the beginning itself all are there: that is the size of the cohort. Weeks and
    months are those of UTC. Written by `analytics_cohorts_compute`; erasure moves the erased from `people` to `erased`.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over(
        "{row}.period::timestamp AT TIME ZONE 'UTC'", found="{row}.period < ({cut_off} AT TIME ZONE 'UTC')"
    )
    held_by = NotHeld("Numbers of people; they name nobody.")

    kind = models.TextField(choices=CohortKind, db_comment="Who or what comes back.")
    step = models.TextField(choices=CohortStep, db_comment="How long a period is: a week or a month, in UTC.")
    segment = models.TextField(choices=CohortSegment, db_comment="Which of the cohort are counted.")
    cohort = models.DateField(db_comment="First day (UTC) of the period in which they began.")
    period = models.DateField(db_comment="First day (UTC) of the period in which they were there.")
    age = models.GeneratedField(
        expression=Case(
            When(step=CohortStep.WEEK, then=_between("(%(expressions)s) / 7")),
            default=_months("period") - _months("cohort"),
            output_field=IntegerField(),
        ),
        output_field=IntegerField(),
        db_persist=True,
        db_comment="Periods between the two, 0 for that of the beginning; computed from them.",
    )
    people = models.BigIntegerField(
        db_comment="How many viewers, without those erased since, or subscriptions were there."
    )
    erased = models.BigIntegerField(
        default=0,
        db_comment="How many more viewers were there who are erased by now; nothing else is kept of them.",
    )

    objects: Any = RetentionCohortQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per cohort, segment and later period: how many were there. Written by analytics_cohorts_compute "
            "and the erasure of people. Kept 7 years."
        )
        constraints = [
            one_of("kind", CohortKind),
            one_of("step", CohortStep),
            one_of("segment", CohortSegment),
            rule(
                Q(kind=CohortKind.SUBSCRIPTIONS) | Q(segment__in=SEGMENTS[CohortKind.VIEWERS]),
                "segment_of",
                "Viewers have no such segment.",
            ),
            rule(_begins_a_period(), "begins", "Weeks begin on Monday, months on their first day."),
            rule(Q(cohort__lte=F("period")), "period", "Nobody comes back before the beginning."),
            rule(Q(people__gte=0, erased__gte=0), "counts", "Numbers of people are not negative."),
            unique(
                "kind",
                "step",
                "segment",
                "cohort",
                "period",
                message="There is such a cell of the grid already.",
            ),
            *policies(*AUDIENCE_READERS, Role.WORKER, command="select", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["period", "kind", "step"],
                serves="analytics_cohorts_compute: the cells of a period, to be replaced",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.cohort:%Y-%m-%d}"

    @property
    def there(self) -> int:
        """How many were there in all, the erased among them."""
        return self.people + self.erased
