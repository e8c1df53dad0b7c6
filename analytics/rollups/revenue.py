"""The roll-up of revenue: a bucket is a day of the books, for the whole platform, and one function computes it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection

from analytics.rollups.engine import NO_SUBJECT, Bucket, Grain, Rollup, Touch

COMPUTE = "SELECT analytics_revenue_compute(%s::date[], NULL)"
LONG = "1 second"
"""A day that took longer than this is not computed anew every minute."""

PATIENCE = 20
"""It is left alone for so many times as long as it took, so that a busy day costs a twentieth of a worker at most."""

AT_ONCE = 7
"""Days that one statement computes."""

TOO_SOON = """
SELECT b.day FROM analytics_revenuebook b
WHERE b.day = ANY (%s::date[]) AND b.took > %s::interval AND b.computed_at + b.took * %s > statement_timestamp()
"""
STANDING = """
SELECT g.day::date FROM generate_series(%s::date, %s::date, interval '1 day') g (day)
WHERE EXISTS (SELECT FROM billing_journalentry j WHERE j.booked_on = g.day::date)
  OR EXISTS (SELECT FROM analytics_revenuebook b WHERE b.day = g.day::date)
  OR EXISTS (SELECT FROM analytics_revenueday r WHERE r.day = g.day::date)
ORDER BY g.day
"""


class RevenueDays(Rollup):
    """Days of the books: touched by each entry that is booked on them, late ones too."""

    name = "revenue_day"
    grain = Grain.DAY

    def compute(self, buckets: Sequence[Bucket]) -> Iterable[Touch]:
        """Make these days anew. A day that takes long and was made a moment ago is touched again and waits."""
        days = [bucket.start.astimezone(dt.UTC).date() for bucket in buckets]
        with connection.cursor() as cursor:
            cursor.execute(TOO_SOON, [days, LONG, PATIENCE])
            waits = {day for (day,) in cursor.fetchall()}
            due = [day for day in days if day not in waits]
            for place in range(0, len(due), AT_ONCE):
                cursor.execute(COMPUTE, [due[place : place + AT_ONCE]])
        return [Touch(self.name, NO_SUBJECT, _start(day)) for day in sorted(waits)]

    def standing(
        self, since: dt.datetime, until: dt.datetime, subject: UUID | None = None
    ) -> Iterable[Bucket]:
        """Every day with entries or with figures; they are of the platform, so of another subject there are none."""
        if subject not in (None, NO_SUBJECT):
            return []
        first, last = (
            instant.astimezone(dt.UTC) for instant in (since, until - dt.timedelta(microseconds=1))
        )
        with connection.cursor() as cursor:
            cursor.execute(STANDING, [first.date(), last.date()])
            return [Bucket(NO_SUBJECT, _start(day)) for (day,) in cursor.fetchall()]


def _start(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
