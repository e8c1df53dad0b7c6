"""Figures of performers: days, months, totals, and the most watched of a range."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Max, QuerySet, Sum
from django.db.models.functions import TruncMonth

from analytics.models import PerformerDay
from analytics.selectors.days import Compared, Days, Totals
from analytics.selectors.listing import listing_check

ORDERS = ("watch_seconds", "viewer_days", "peak_viewers", "tokens", "chat_messages", "new_followers")
"""By what performers are listed, the most first."""

SUMMED = (
    "streams",
    "minutes_on_air",
    "viewer_minutes",
    "watch_seconds",
    "sessions",
    "stalled_seconds",
    "errors",
    "chat_messages",
    "tips",
    "tip_tokens",
    "new_followers",
    "lost_followers",
)

KEPT_TOKENS = F("tokens_spent") - F("tokens_reversed")


def sums(summed: Sequence[str] = SUMMED, tokens: Any = KEPT_TOKENS) -> dict[str, Any]:
    """The aggregates of days that make `Totals`."""
    return {
        **{name: Sum(name, default=0) for name in summed},
        "viewer_days": Sum("unique_viewers", default=0),
        "peak_viewers": Max("peak_viewers", default=0),
        "tokens": Sum(tokens, default=0),
    }


@dataclass(frozen=True)
class Month:
    """A month of a performer, or the part of it that was asked for. `followers` at its last day with figures."""

    month: dt.date
    totals: Totals
    followers: int | None


@dataclass(frozen=True)
class Listed:
    """A performer of a list, and what she came to in the range."""

    performer_id: UUID
    stage_name: str
    totals: Totals


def _days(performer_id: UUID, days: Days) -> QuerySet:
    return PerformerDay.objects.filter(performer_id=performer_id, day__gte=days.since, day__lte=days.until)


def performer_days(*, performer_id: UUID, days: Days) -> Mapping[dt.date, PerformerDay]:
    """The days of a performer that came to anything, in order. One query."""
    return {row.day: row for row in _days(performer_id, days).order_by("day")}


def performer_totals(*, performer_id: UUID, days: Days) -> Totals:
    """What the days of a performer add up to. One query."""
    return Totals(**_days(performer_id, days).aggregate(**sums()))


def performer_compared(*, performer_id: UUID, days: Days) -> Compared:
    """The range, and as many days directly before. Two queries."""
    return Compared(
        performer_totals(performer_id=performer_id, days=days),
        performer_totals(performer_id=performer_id, days=days.previous),
    )


def performer_months(*, performer_id: UUID, days: Days) -> list[Month]:
    """The months (UTC) of a performer that came to anything, cut at the ends of the range, in order. Two queries."""
    followers: dict[dt.date, int] = {}
    for day, count in _days(performer_id, days).order_by("day").values_list("day", "followers"):
        followers[day.replace(day=1)] = count
    rows = _days(performer_id, days).annotate(month=TruncMonth("day")).values("month").order_by("month")
    return [
        Month(month := row.pop("month"), Totals(**row), followers.get(month))
        for row in rows.annotate(**sums())
    ]


def performers_listed(*, days: Days, by: str = "watch_seconds", limit: int = 20) -> list[Listed]:
    """Performers of the range, the most watched (or `by`) first. One query.

    Raises ValueError for an order that is not one of `ORDERS`, and a limit that is not from 1 to 100.
    """
    listing_check("performers", by=by, orders=ORDERS, limit=limit)
    rows = (
        PerformerDay.objects.filter(day__gte=days.since, day__lte=days.until)
        .values("performer_id", "performer__stage_name")
        .annotate(**sums())
        .order_by(f"-{by}", "-performer_id")[:limit]
    )
    return [Listed(row.pop("performer_id"), row.pop("performer__stage_name"), Totals(**row)) for row in rows]
