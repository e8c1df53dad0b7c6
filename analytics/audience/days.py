"""Which days are final: their salts are destroyed, nothing can be added to them any more."""

import datetime as dt
from collections.abc import Iterable

from django.db import connection

FINAL = "SELECT d.day FROM unnest(%s::date[]) d (day) WHERE analytics_day_is_final(d.day)"
UNPUBLISHED = "SELECT d FROM analytics_days_unpublished(%s) d"
HAS_SOURCES = "SELECT analytics_day_has_sources(%s)"


def days_final(days: Iterable[dt.date]) -> set[dt.date]:
    """Those of the days that are final. As the worker."""
    with connection.cursor() as cursor:
        cursor.execute(FINAL, [list(days)])
        return {day for (day,) in cursor.fetchall()}


def has_sources(day: dt.date) -> bool:
    """Whether sessions of the day are still kept: a day whose sessions have left is not computed anew. As the worker."""
    with connection.cursor() as cursor:
        cursor.execute(HAS_SOURCES, [day])
        return bool(cursor.fetchone()[0])


def days_unpublished(most: int) -> list[dt.date]:
    """Final days with sessions of which nothing is published yet, the latest first. As the worker."""
    with connection.cursor() as cursor:
        cursor.execute(UNPUBLISHED, [most])
        return [day for (day,) in cursor.fetchall()]
