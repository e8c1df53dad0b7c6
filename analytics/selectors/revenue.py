"""What the platform took in, read from the figures of days alone."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, Sum

from analytics.models import RevenueBook, RevenueCheck, RevenueDay
from analytics.revenue_choices import RevenueMeasure
from billing.chart import TOKEN

MOST_COUNTRIES = 250
MOST_PERFORMERS = 20
MOST_DIFFERENCES = 100

SUMS = {f"sum_{measure}": Sum(measure) for measure in RevenueMeasure.values}


@dataclass(frozen=True)
class Sums:
    """Sums of each measure, in minor units of one currency or in tokens; nil where there is nothing."""

    of: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, measure: str) -> int:
        return self.of.get(measure, 0)

    @property
    def net(self) -> int:
        """Sales less what was given back, adjustments included; tax is in it."""
        return (
            self[RevenueMeasure.GROSS]
            - self[RevenueMeasure.REFUNDS]
            - self[RevenueMeasure.DISPUTES]
            + self[RevenueMeasure.ADJUSTMENTS]
        )


NOTHING = Sums()


@dataclass(frozen=True)
class RevenueProof:
    """How the figures of days stand to the ledger."""

    days: int
    unproven: int
    computed_at: dt.datetime | None
    proven_since: dt.datetime | None
    differences: Sequence[RevenueCheck]

    @property
    def is_proven(self) -> bool:
        """Whether every day with figures was compared since it was computed, and none differs."""
        return not self.differences and not self.unproven


def _read(row: Mapping[str, Any]) -> Sums:
    return Sums({measure: int(row[f"sum_{measure}"] or 0) for measure in RevenueMeasure.values})


def _within(since: dt.date, until: dt.date) -> Any:
    return RevenueDay.objects.filter(day__gte=since, day__lte=until)


def revenue_by_unit(*, since: dt.date, until: dt.date) -> dict[str, Sums]:
    """Sums of the days `since` to `until`, both included, by currency; tokens last. One query."""
    rows = _within(since, until).order_by().values("currency_id").annotate(**SUMS)
    found = {row["currency_id"]: _read(row) for row in rows}
    return {code: found[code] for code in sorted(found, key=lambda code: (code == TOKEN, code))}


def revenue_by_day(*, since: dt.date, until: dt.date, currency: str) -> dict[dt.date, Sums]:
    """Sums of each day that has any, in one currency. One query."""
    rows = _within(since, until).filter(currency=currency).order_by("day").values("day").annotate(**SUMS)
    return {row["day"]: _read(row) for row in rows}


def revenue_by_kind(*, since: dt.date, until: dt.date, currency: str) -> dict[str, Sums]:
    """Sums of each kind of what was sold, in one currency. One query."""
    rows = _within(since, until).filter(currency=currency).order_by("kind").values("kind").annotate(**SUMS)
    return {row["kind"]: _read(row) for row in rows}


def revenue_by_country(*, since: dt.date, until: dt.date, currency: str) -> dict[str, Sums]:
    """Sums of each country of orders, in one currency, most sales first. One query."""
    rows = (
        _within(since, until)
        .filter(currency=currency, country__isnull=False)
        .values("country")
        .annotate(**SUMS)
        .order_by("-sum_gross", "country")[:MOST_COUNTRIES]
    )
    return {row["country"]: _read(row) for row in rows}


def revenue_by_performer(
    *, since: dt.date, until: dt.date, currency: str
) -> list[tuple[UUID, str | None, Sums]]:
    """The performers with most sales, in one currency: id, stage name (null: erased), sums. One query."""
    rows = (
        _within(since, until)
        .filter(currency=currency, performer__isnull=False)
        .values("performer_id", "performer__stage_name")
        .annotate(**SUMS)
        .order_by("-sum_gross", "performer_id")[:MOST_PERFORMERS]
    )
    return [(row["performer_id"], row["performer__stage_name"], _read(row)) for row in rows]


def revenue_of_performer(
    *, performer_id: UUID, since: dt.date, until: dt.date
) -> dict[tuple[dt.date, str], Sums]:
    """Sums of each day and currency of one performer. One query."""
    rows = (
        _within(since, until)
        .filter(performer_id=performer_id)
        .order_by("day", "currency_id")
        .values("day", "currency_id")
        .annotate(**SUMS)
    )
    return {(row["day"], row["currency_id"]): _read(row) for row in rows}


def revenue_proof(*, since: dt.date, until: dt.date) -> RevenueProof:
    """Whether the days `since` to `until` are what the ledger says, as last compared. Two queries."""
    stale = Q(proven_at__isnull=True) | Q(proven_at__lt=F("computed_at"))
    books = RevenueBook.objects.filter(day__gte=since, day__lte=until).aggregate(
        days=Count("pk"),
        unproven=Count("pk", filter=stale),
        computed_at=Max("computed_at"),
        proven_since=Min("proven_at"),
    )
    wrong = RevenueCheck.objects.filter(day__gte=since, day__lte=until).exclude(difference=0)
    return RevenueProof(
        **books, differences=list(wrong.order_by("day", "currency_id", "measure")[:MOST_DIFFERENCES])
    )
