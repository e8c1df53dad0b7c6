"""The roll-ups of cohorts: all cells of one period at once, those of viewers and those of subscriptions."""

from collections.abc import Iterable, Sequence

from django.db import connection

from analytics.audience_choices import CohortStep
from analytics.rollups.engine import Bucket, Grain, Touch
from analytics.rollups.whole_periods import WholePeriods

COMPUTE = "SELECT analytics_cohorts_compute(%s, %s::date[])"


class Cohorts(WholePeriods):
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
