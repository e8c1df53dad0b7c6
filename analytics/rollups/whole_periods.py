"""What roll-ups of the audience have in common: each bucket is a period of the whole platform."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from analytics.audience.days import earliest_kept
from analytics.rollups.engine import NO_SUBJECT, Bucket, Rollup


class WholePeriods(Rollup):
    """Counted from sessions and activity, which are kept for 13 months; what began before stays as it is."""

    def standing(
        self, since: dt.datetime, until: dt.datetime, subject: UUID | None = None
    ) -> Iterable[Bucket]:
        """Every period of the range: one without sources ends without rows."""
        return (Bucket(NO_SUBJECT, start) for start in self.grain.starts(since, until))

    def earliest(self, now: dt.datetime) -> dt.datetime:
        """The first period whose sources are whole."""
        return earliest_kept(now)
