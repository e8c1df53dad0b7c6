"""Partitions of touches stay until the figures that they ask for are computed."""

from typing import Any

from django.db import connections
from django.dispatch import receiver

from analytics.models import RollupTouch
from analytics.rollups.engine import rollups
from core.models.partitioned import Partitioned
from core.vetoes import Veto, partition_leaving

UNTAKEN = """
SELECT count(*) FROM {partition} t LEFT JOIN analytics_rollupstate s ON s.name = t.rollup
WHERE t.rollup = ANY (%s) AND (s.name IS NULL OR (t.moment, t.id) > (s.until, s.after))
"""


@receiver(partition_leaving, sender=RollupTouch)
def keep_untaken(
    sender: Any, model: type[Partitioned], schema: str, name: str, using: str, **_: Any
) -> Veto | None:
    """A figure whose touch is lost would never be computed again."""
    connection = connections[using]
    partition = f"{connection.ops.quote_name(schema)}.{connection.ops.quote_name(name)}"
    with connection.cursor() as cursor:
        cursor.execute(UNTAKEN.format(partition=partition), [[each.name for each in rollups()]])
        (waiting,) = cursor.fetchone()
    if waiting:
        return Veto(f"{waiting} touches of it were never taken: see why rollups_run does not run.")
    return None
