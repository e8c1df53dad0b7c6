"""The grid of cohorts: of those who began in a period, how many were there later."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Max

from analytics.audience_choices import CohortKind, CohortSegment, CohortStep
from analytics.models import RetentionCohort
from analytics.rollups.engine import Grain

FINAL_AFTER = dt.timedelta(days=2)
"""Activity of a day can change until its links are destroyed."""


@dataclass(frozen=True)
class Cohort:
    """Those who began in one period: their number, and how many were there by age, counted in periods.

    `there` has every age whose period is over and counted; `erased` says how many of them are erased by now.
    """

    start: dt.date
    there: Mapping[int, int] = field(default_factory=dict)
    erased: Mapping[int, int] = field(default_factory=dict)

    @property
    def size(self) -> int | None:
        """How many began; None while their period is not over."""
        return self.there.get(0)

    def share(self, age: int) -> float | None:
        """The part of the cohort that was there; None where nobody knows yet."""
        if not self.size or age not in self.there:
            return None
        return self.there[age] / self.size


@dataclass(frozen=True)
class CohortGrid:
    """Cohorts in order, and the greatest age of any."""

    kind: CohortKind
    step: CohortStep
    segment: CohortSegment
    cohorts: list[Cohort]

    @property
    def ages(self) -> range:
        """0 to the greatest age."""
        return range(max((age for cohort in self.cohorts for age in cohort.there), default=-1) + 1)


def cohort_grid(
    *,
    kind: CohortKind,
    step: CohortStep,
    segment: CohortSegment,
    since: dt.date,
    until: dt.date,
    now: dt.datetime,
) -> CohortGrid:
    """The cohorts whose period shares a day with `[since, until]`, as of `now`. Days are those of UTC. Two queries."""
    grain = Grain(step.value)
    first = grain.floor(dt.datetime.combine(since, dt.time(), dt.UTC)).date()
    rows = RetentionCohort.objects.grid(kind, step, segment)
    last = rows.order_by().aggregate(last=Max("period"))["last"]
    found: dict[dt.date, dict[dt.date, tuple[int, int]]] = {}
    for cohort, period, people, erased in rows.filter(cohort__gte=first, cohort__lte=until).values_list(
        "cohort", "period", "people", "erased"
    ):
        found.setdefault(cohort, {})[period] = (people + erased, erased)
    cohorts = []
    for start, cells in found.items():
        there, gone = {}, {}
        for age, at in enumerate(grain.starts(_instant(start), _instant(last) + dt.timedelta(days=1))):
            if _is_counted(kind, grain, age, at, now):
                there[age], gone[age] = cells.get(at.date(), (0, 0))
        cohorts.append(Cohort(start, there, gone))
    return CohortGrid(kind, step, segment, cohorts)


def _instant(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _is_counted(kind: CohortKind, grain: Grain, age: int, at: dt.datetime, now: dt.datetime) -> bool:
    """Whether the number of a period stands: of subscriptions from its first instant on, of others when it is over."""
    if kind is CohortKind.SUBSCRIPTIONS:
        return at <= now if age else grain.after(at) <= now
    return grain.after(at) + FINAL_AFTER <= now
