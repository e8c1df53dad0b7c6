"""The people of a day, counted from its sessions: by performer, dimension and value, each person once.

A person is a key of the day (`day_key`). What a person is by each dimension is what the first session of the day says,
wherever it was: the same value in every breakdown. Sessions in which nothing was proven to be watched do not count.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Set
from typing import Any
from uuid import UUID

from django.db import connection

from analytics.audience.suppression import Cells
from analytics.audience_choices import AudienceDimension
from core.models.identity import uuid7_floor

PEOPLE = """
WITH seen AS MATERIALIZED (
  SELECT s.id, s.day_key, s.performer_id, s.country, s.language, s.device_class, s.age_band
  FROM analytics_viewersession s WHERE s.id >= %(low)s AND s.id < %(high)s AND s.watched_seconds > 0
), person AS MATERIALIZED (
  SELECT DISTINCT ON (s.day_key) s.day_key, s.country, s.language, s.device_class, s.age_band
  FROM seen s ORDER BY s.day_key, s.id
), pair AS MATERIALIZED (SELECT DISTINCT s.day_key, s.performer_id FROM seen s)
"""
VALUES = """
CROSS JOIN LATERAL (VALUES ('country', p.country), ('language', p.language), ('device', p.device_class),
  ('age_band', p.age_band)) AS d (dimension, value)
"""
CELLS = f"""{PEOPLE}
SELECT NULL::uuid, d.dimension, coalesce(d.value, ''), count(*) FROM person p {VALUES} GROUP BY 2, 3
UNION ALL
SELECT w.performer_id, d.dimension, coalesce(d.value, ''), count(*)
FROM pair w JOIN person p USING (day_key) {VALUES} GROUP BY 1, 2, 3
"""
REST = f"""{PEOPLE}
SELECT coalesce(d.value, ''), count(*) FROM person p {VALUES}
WHERE d.dimension = %(dimension)s
  AND NOT EXISTS (SELECT FROM pair w WHERE w.day_key = p.day_key AND w.performer_id = ANY (%(shown)s::uuid[]))
GROUP BY 1
"""


def _bounds(day: dt.date) -> dict[str, Any]:
    start = dt.datetime.combine(day, dt.time(), dt.UTC)
    return {"low": uuid7_floor(start), "high": uuid7_floor(start + dt.timedelta(days=1))}


def audience_cells(day: dt.date) -> Mapping[str, Mapping[UUID | None, Cells]]:
    """People by dimension, performer (None: the platform) and value. As the worker."""
    found: dict[str, dict[UUID | None, dict[str, int]]] = {
        str(dimension): defaultdict(dict) for dimension in AudienceDimension
    }
    with connection.cursor() as cursor:
        cursor.execute(CELLS, _bounds(day))
        for performer, dimension, value, people in cursor.fetchall():
            found[dimension][performer][value] = people
    return found


def audience_rest(day: dt.date, dimension: str, shown: Set[UUID]) -> Cells:
    """Those who watched none of these performers, by value. As the worker."""
    with connection.cursor() as cursor:
        cursor.execute(REST, {**_bounds(day), "dimension": dimension, "shown": list(shown)})
        return dict(cursor.fetchall())
