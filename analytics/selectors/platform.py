"""Figures of the platform and of categories: days, totals, and the most watched categories of a range."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F

from analytics.models import CategoryDay, PlatformDay
from analytics.selectors.days import Compared, Days, Totals
from analytics.selectors.listing import listing_check
from analytics.selectors.performers import SUMMED, sums

ORDERS = ("watch_seconds", "viewer_days", "peak_viewers", "tokens", "chat_messages", "minutes_on_air")
"""By what categories are listed, the most first."""

OF_CATEGORIES = tuple(name for name in SUMMED if not name.endswith("_followers"))


@dataclass(frozen=True)
class ListedCategory:
    """A category of a list, and what its streams came to in the range while they had it."""

    category_id: UUID
    name: str
    totals: Totals


def platform_days(*, days: Days) -> Mapping[dt.date, PlatformDay]:
    """The days that came to anything, in order. One query."""
    rows = PlatformDay.objects.filter(day__gte=days.since, day__lte=days.until)
    return {row.day: row for row in rows.order_by("day")}


def platform_totals(*, days: Days) -> Totals:
    """What the days of the platform add up to. One query."""
    return Totals(**PlatformDay.objects.filter(day__gte=days.since, day__lte=days.until).aggregate(**sums()))


def platform_compared(*, days: Days) -> Compared:
    """The range, and as many days directly before. Two queries."""
    return Compared(platform_totals(days=days), platform_totals(days=days.previous))


def category_days(*, category_id: UUID, days: Days) -> Mapping[dt.date, CategoryDay]:
    """The days of a category that came to anything, in order. One query."""
    rows = CategoryDay.objects.filter(category_id=category_id, day__gte=days.since, day__lte=days.until)
    return {row.day: row for row in rows.order_by("day")}


def categories_listed(*, days: Days, by: str = "watch_seconds", limit: int = 20) -> list[ListedCategory]:
    """Categories of the range, the most watched (or `by`) first. One query.

    Raises ValueError for an order that is not one of `ORDERS`, and a limit that is not from 1 to 100.
    """
    listing_check("categories", by=by, orders=ORDERS, limit=limit)
    rows = (
        CategoryDay.objects.filter(day__gte=days.since, day__lte=days.until)
        .values("category_id", "category__name")
        .annotate(**sums(OF_CATEGORIES, F("tokens_spent")))
        .order_by(f"-{by}", "-category_id")[:limit]
    )
    return [ListedCategory(row.pop("category_id"), row.pop("category__name"), Totals(**row)) for row in rows]
