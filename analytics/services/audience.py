"""Settling the audience: final days are published, and periods counted."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from analytics.audience.days import days_unpublished
from analytics.audience_choices import CohortStep
from analytics.rollups.engine import NO_SUBJECT, Grain, Touch
from analytics.services.rollups import touches_record
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role

MOST_DAYS = 60
"""Days that one run settles; the next one goes on."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What a run touched: the days that are published now, and the periods that are counted."""

    days: tuple[dt.date, ...]
    periods: int


@transaction.atomic
def audience_settle(*, most: int = MOST_DAYS) -> Settled:
    """Touch final days that are not published yet, and the weeks and months to be counted. Runs as the worker, nightly.

    The next run of the roll-ups computes them. Run twice, it touches again what is not computed yet, which changes
    nothing. Periods: those of these days, and for subscriptions the present ones and those before. Locks: nothing.
    """
    with acting(Role.WORKER):
        days = tuple(days_unpublished(most))
        periods = set(_periods(days, database_now()))
        touches_record(touches=[*(Touch("audience_day", NO_SUBJECT, _start(day)) for day in days), *periods])
    return Settled(days=days, periods=len(periods))


def _start(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _periods(days: Iterable[dt.date], now: dt.datetime) -> Iterator[Touch]:
    for step in CohortStep:
        grain = Grain(step.value)
        present = grain.floor(now)
        before = grain.floor(present - dt.timedelta(days=1))
        for start in (present, before, *(grain.floor(_start(day)) for day in days)):
            yield Touch(f"retention_{step.value}", NO_SUBJECT, start)
