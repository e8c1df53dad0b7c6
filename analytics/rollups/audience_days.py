"""The roll-up of breakdowns: a whole day of the platform at once, since what is withheld of one protects another."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from analytics.audience.counting import audience_cells, audience_rest
from analytics.audience.days import days_final
from analytics.audience.suppression import decide
from analytics.audience_choices import AudienceDimension
from analytics.models import AudienceDay
from analytics.rollups.engine import Bucket, Grain, Touch
from analytics.rollups.whole_periods import WholePeriods
from core.models.identity import uuid7

AT_ONCE = 5_000


class AudienceDays(WholePeriods):
    """Breakdowns of days that are final; others wait (`audience_settle` touches them when they are).

    A number is published once and does not change a little afterwards, which would tell of those in between.
    """

    name = "audience_day"
    grain = Grain.DAY

    def compute(self, buckets: Sequence[Bucket]) -> Iterable[Touch]:
        """Replace the breakdowns of final days."""
        days = [bucket.start.date() for bucket in buckets]
        final = days_final(days)
        for day in days:
            if day in final:
                self._replace(day)
        return ()

    def _replace(self, day: dt.date) -> None:
        AudienceDay.objects.filter(day=day).delete()
        AudienceDay.objects.bulk_create(_rows(day), batch_size=AT_ONCE)


def _rows(day: dt.date) -> Iterator[AudienceDay]:
    """What is published of a day, and the marks of what is withheld."""
    by_dimension = audience_cells(day)
    for dimension in AudienceDimension:
        found = by_dimension[dimension]
        performers = {performer: cells for performer, cells in found.items() if performer is not None}
        platform = found.get(None, {})
        verdict = decide(
            platform,
            performers,
            lambda shown, by=str(dimension): audience_rest(day, by, shown),  # type: ignore[misc]
        )
        for performer, cells in found.items():
            is_shown = verdict.platform if performer is None else performer in verdict.performers
            lines = sorted(cells.items()) if is_shown else [(None, None)]
            for value, people in lines:
                yield AudienceDay(
                    id=uuid7(),
                    day=day,
                    performer_id=performer,
                    dimension=dimension,
                    value=value,
                    people=people,
                )
