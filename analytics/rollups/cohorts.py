"""The roll-ups of cohorts: all cells of one period at once, those of viewers and those of subscriptions."""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection

from analytics.audience.days import earliest_kept
from analytics.audience_choices import CohortStep
from analytics.rollups.engine import NO_SUBJECT, Bucket, Grain, Rollup, Touch

COMPUTE = "SELECT analytics_cohorts_compute(%s, %s::date[])"


class Cohorts(Rollup):
    """Who of every cohort was there in a period: the cells of the grid along one diagonal.

    Costs what the period had of people and subscriptions, whatever there was before.
    """

    def __init__(self, step: CohortStep) -> None:
        self.step = step
        self.grain = Grain(step.value)
        self.name = f"retention_{step.value}"

    def compute(self, buckets: Sequence[Bucket]) -> Iterable[Touch]:
        """Replace the cells of these periods."""
        with connection.cursor() as cursor:
            cursor.execute(COMPUTE, [self.step.value, [bucket.start.date() for bucket in buckets]])
        return ()

    def standing(
        self, since: dt.datetime, until: dt.datetime, subject: UUID | None = None
    ) -> Iterable[Bucket]:
        """Every period of the range."""
        return (Bucket(NO_SUBJECT, start) for start in self.grain.starts(since, until))

    def earliest(self, now: dt.datetime) -> dt.datetime:
        """Activity is kept 13 months; periods that begin before stay as they are."""
        return earliest_kept(now)
