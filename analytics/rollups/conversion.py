"""The roll-up of funnels: everybody who signed up in a week, counted once each window is final."""

from collections.abc import Iterable, Sequence

from django.db import connection

from analytics.rollups.engine import Bucket, Grain, Touch
from analytics.rollups.whole_periods import WholePeriods

COMPUTE = "SELECT analytics_conversion_compute(%s::date[])"


class Conversion(WholePeriods):
    """How far those who signed up in a week came; windows that are not final wait (`audience_settle` touches them).

    What is counted stays, in a rebuild too: the activity of people who were erased meanwhile is gone.
    """

    name = "conversion_week"
    grain = Grain.WEEK

    def compute(self, buckets: Sequence[Bucket]) -> Iterable[Touch]:
        """Count the windows of these weeks that are final and not counted yet."""
        with connection.cursor() as cursor:
            cursor.execute(COMPUTE, [[bucket.start.date() for bucket in buckets]])
        return ()
