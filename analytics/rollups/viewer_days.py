"""The roll-up of what each viewer did at one performer on a day, and of who was here on the day."""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection

from analytics.audience.days import earliest_kept
from analytics.rollups.engine import Bucket, Grain, Rollup, Touch

COMPUTE = "SELECT analytics_viewer_days_compute(%s::uuid[], %s::date[])"
STANDING = "SELECT * FROM analytics_viewer_days_standing(%s, %s, %s)"


class ViewerDays(Rollup):
    """Rows of `viewer_performer_day` of a performer's day, and those of `viewer_activity_day` of its viewers.

    A day of which the links from plays to people are destroyed is final: its rows stay as they are.
    """

    name = "viewer_performer_day"
    grain = Grain.DAY

    def compute(self, buckets: Sequence[Bucket]) -> Iterable[Touch]:
        """Replace the rows of these days of performers."""
        with connection.cursor() as cursor:
            cursor.execute(
                COMPUTE, [[bucket.subject for bucket in buckets], [bucket.start.date() for bucket in buckets]]
            )
        return ()

    def standing(
        self, since: dt.datetime, until: dt.datetime, subject: UUID | None = None
    ) -> Iterable[Bucket]:
        """Days of performers that were watched, or that have rows."""
        with connection.cursor() as cursor:
            cursor.execute(STANDING, [since, until, subject])
            return [Bucket(performer, start) for performer, start in cursor.fetchall()]

    def earliest(self, now: dt.datetime) -> dt.datetime:
        """Sessions are kept 13 months; days from before stay as they are, as all final ones do that have rows."""
        return earliest_kept(now)
