"""Reads that the public site and higher floors ask of performers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from performers.models import GeoBlock, ScheduleOccurrence
from performers.wall_clock import days_between, zone_named

MOST_ON_A_PAGE = 200


def blocked_regions(performer_id: UUID) -> frozenset[str]:
    """Codes of the regions in which a performer is not shown: DE for a country, DE-BY for a part of one.

    A viewer is kept out if the country or the subdivision is among them.
    """
    found = GeoBlock.objects.filter(performer_id=performer_id).values_list("country", "subdivision")
    return frozenset(subdivision or country for country, subdivision in found)


@dataclass(frozen=True)
class Broadcast:
    """A planned broadcast as a viewer sees it; times are aware, in the viewer's zone."""

    occurrence_id: UUID
    performer_id: UUID
    title: str
    status: str
    starts_at: datetime
    ends_at: datetime


def _shown(occurrences: QuerySet, zone: ZoneInfo) -> list[Broadcast]:
    return [
        Broadcast(
            occurrence_id=row.pk,
            performer_id=row.performer_id,
            title=row.title,
            status=row.status,
            starts_at=row.during.lower.astimezone(zone),
            ends_at=row.during.upper.astimezone(zone),
        )
        for row in occurrences
    ]


def broadcasts_of_week(
    *,
    first_day: date,
    time_zone: str,
    performer_ids: Collection[UUID] | None = None,
    limit: int = MOST_ON_A_PAGE,
) -> list[Broadcast]:
    """What is planned, or was cancelled, in the seven days from `first_day` on the viewer's clock, in order of time.

    Of everybody who is public, or of the performers named. One query. Raises ScheduleRefused for an unknown zone
    and for a day out of reach.
    """
    zone = zone_named(time_zone)
    start, end = days_between(
        first_day, min(first_day, date.max - timedelta(days=7)) + timedelta(days=6), zone
    )
    rows = ScheduleOccurrence.objects.shown().between(start, end)
    if performer_ids is not None:
        rows = rows.filter(performer_id__in=performer_ids)
    return _shown(rows.order_by("starts_at", "pk")[: min(limit, MOST_ON_A_PAGE)], zone)


def broadcasts_ahead(*, performer_id: UUID, time_zone: str, limit: int = 20) -> list[Broadcast]:
    """What a performer has planned, or cancelled, from now on, the next first. One query.

    Raises ScheduleRefused for an unknown zone.
    """
    rows = ScheduleOccurrence.objects.shown().filter(performer_id=performer_id).upcoming()
    return _shown(rows[: min(limit, MOST_ON_A_PAGE)], zone_named(time_zone))
