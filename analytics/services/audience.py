"""Settling the audience: final days are published, periods and funnels counted."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from analytics.audience.days import days_unpublished, earliest_kept
from analytics.audience_choices import CohortStep
from analytics.rollups.engine import NO_SUBJECT, Grain, Touch
from analytics.services.rollups import touches_record
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role

MOST_DAYS = 60
"""Days that one run settles; the next one goes on."""

UNCOUNTED = """
SELECT u.start FROM unnest(%s::timestamptz[], %s::timestamptz[]) u (start, after)
WHERE EXISTS (
  SELECT FROM analytics_vieweractivityday a
  WHERE a.id >= analytics_day_floor((u.start AT TIME ZONE 'UTC')::date)
    AND a.id < analytics_day_floor((u.after AT TIME ZONE 'UTC')::date)
) AND NOT EXISTS (
  SELECT FROM analytics_retentioncohort c
  WHERE c.period = (u.start AT TIME ZONE 'UTC')::date AND c.kind = 'viewers' AND c.step = %s
)
"""


UNCOUNTED_FUNNELS = "SELECT w FROM analytics_conversion_uncounted() w"


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What a run touched: the days that are published now, and the periods and weeks of sign-up that are counted."""

    days: tuple[dt.date, ...]
    periods: int
    funnels: tuple[dt.date, ...]


@transaction.atomic
def audience_settle(*, most: int = MOST_DAYS) -> Settled:
    """Touch final days that are not published yet, and weeks and months to be counted. Runs as the worker, nightly.

    The next run of the roll-ups computes them. Run twice, it touches again what is not computed yet, which changes
    nothing. Periods: those of these days; those in which somebody was here and nobody counted, as after an import of
    chat; and for subscriptions the present ones and those before. Weeks of sign-up: those with a final window that
    nobody counted. Locks: nothing.
    """
    with acting(Role.WORKER):
        days = tuple(days_unpublished(most))
        periods = set(_periods(days, database_now()))
        funnels = tuple(_uncounted_funnels())
        touches_record(
            touches=[
                *(Touch("audience_day", NO_SUBJECT, _start(day)) for day in days),
                *periods,
                *(Touch("conversion_week", NO_SUBJECT, _start(week)) for week in funnels),
            ]
        )
    return Settled(days=days, periods=len(periods), funnels=funnels)


def _start(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _periods(days: Iterable[dt.date], now: dt.datetime) -> Iterator[Touch]:
    for step in CohortStep:
        grain = Grain(step.value)
        present = grain.floor(now)
        before = grain.floor(present - dt.timedelta(days=1))
        settled = (grain.floor(_start(day)) for day in days)
        for start in (present, before, *settled, *_uncounted(step, grain, now)):
            yield Touch(f"retention_{step.value}", NO_SUBJECT, start)


def _uncounted(step: CohortStep, grain: Grain, now: dt.datetime) -> list[dt.datetime]:
    """Periods in which somebody was here, and of which no cell stands."""
    earliest = earliest_kept(now)
    starts = [start for start in grain.starts(earliest, now) if start >= earliest]
    with connection.cursor() as cursor:
        cursor.execute(UNCOUNTED, [starts, [grain.after(start) for start in starts], step.value])
        return [start for (start,) in cursor.fetchall()]


def _uncounted_funnels() -> list[dt.date]:
    """Weeks of sign-up with a final window of which no funnel stands."""
    with connection.cursor() as cursor:
        cursor.execute(UNCOUNTED_FUNNELS)
        return [week for (week,) in cursor.fetchall()]
