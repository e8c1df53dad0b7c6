"""The audience of a range of days: sums of what is published, and how much is withheld."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Q, Sum

from analytics.audience_choices import AudienceDimension
from analytics.models import AudienceDay
from analytics.models.audience_day import AudienceDayQuerySet

NOT_KNOWN = "not known"
"""What stands for the value of people about whom nobody knows it."""

WITHHELD = Q(people__isnull=True)


@dataclass(frozen=True)
class Breakdown:
    """One dimension over a range: people by value, added up over the days whose breakdown is published.

    Somebody who came on three days counts three times: keys of people are of one day. Days that are withheld are no
    part of the sums, so that two ranges tell no more than the days in them.
    """

    dimension: AudienceDimension
    people: Mapping[str, int] = field(default_factory=dict)
    published: int = 0
    withheld: int = 0

    @property
    def values(self) -> list[str]:
        """The values, the one with the most people first."""
        return sorted(self.people, key=lambda value: (-self.people[value], value))

    def a_day(self, value: str) -> float:
        """People of this value on a published day, on average."""
        return self.people.get(value, 0) / self.published if self.published else 0.0


def audience_breakdowns(
    *, since: dt.date, until: dt.date, performer_id: UUID | None = None
) -> list[Breakdown]:
    """Every dimension over `[since, until]`, of one performer or of the platform. Two queries."""
    rows = _rows(since, until, performer_id)
    people: dict[str, dict[str, int]] = {}
    for dimension, value, count in (
        rows.published().values_list("dimension", "value").annotate(count=Sum("people")).order_by()
    ):
        people.setdefault(dimension, {})[value or NOT_KNOWN] = int(count)
    days = {
        dimension: (shown, withheld)
        for dimension, shown, withheld in rows.values_list("dimension")
        .annotate(
            shown=Count("day", distinct=True, filter=~WITHHELD),
            withheld=Count("day", distinct=True, filter=WITHHELD),
        )
        .order_by()
    }
    return [
        Breakdown(dimension, people.get(dimension, {}), *days.get(dimension, (0, 0)))
        for dimension in AudienceDimension
    ]


@dataclass(frozen=True)
class Cell:
    """One line of the export; without value and people, the breakdown is withheld."""

    day: dt.date
    dimension: AudienceDimension
    value: str | None
    people: int | None


def audience_cells(*, since: dt.date, until: dt.date, performer_id: UUID | None = None) -> Iterator[Cell]:
    """All that is published of `[since, until]`, day by day, and what is withheld: k-anonymous, k = 10. One query."""
    rows = _rows(since, until, performer_id).order_by("day", "dimension", "value")
    for day, dimension, value, people in rows.values_list("day", "dimension", "value", "people"):
        shown = None if people is None else value or NOT_KNOWN
        yield Cell(day, AudienceDimension(dimension), shown, people)


def _rows(since: dt.date, until: dt.date, performer_id: UUID | None) -> AudienceDayQuerySet:
    # Every dimension is named, so that the index of performer, dimension and day finds the rows.
    return AudienceDay.objects.filter(
        performer_id=performer_id, day__gte=since, day__lte=until, dimension__in=AudienceDimension.values
    )
