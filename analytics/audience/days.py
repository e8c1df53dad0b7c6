"""Which days are final: their salts are destroyed, nothing can be added to them any more."""

import datetime as dt
from collections.abc import Iterable

from dateutil.relativedelta import relativedelta
from django.db import connection

from analytics.rollups.engine import Grain

FINAL = "SELECT d.day FROM unnest(%s::date[]) d (day) WHERE analytics_day_is_final(d.day)"
UNPUBLISHED = "SELECT d FROM analytics_days_unpublished(%s) d"


def days_final(days: Iterable[dt.date]) -> set[dt.date]:
    """Those of the days that are final. As the worker."""
    with connection.cursor() as cursor:
        cursor.execute(FINAL, [list(days)])
        return {day for (day,) in cursor.fetchall()}


def days_unpublished(most: int) -> list[dt.date]:
    """Final days with sessions of which nothing is published yet, the latest first. As the worker."""
    with connection.cursor() as cursor:
        cursor.execute(UNPUBLISHED, [most])
        return [day for (day,) in cursor.fetchall()]


def earliest_kept(now: dt.datetime) -> dt.datetime:
    """The first instant (UTC) from which on sessions and activity are kept whole: 13 months, which leave as months."""
    return Grain.MONTH.floor(now) - relativedelta(months=13)
