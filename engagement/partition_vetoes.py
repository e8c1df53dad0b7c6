"""Partitions of counting stay until what stands in them is counted."""

from typing import Any

from django.db import connections
from django.dispatch import receiver

from core.models.partitioned import Partitioned
from core.vetoes import Veto, partition_leaving
from engagement.models import CounterDelta

UNFOLDED = """
SELECT count(*) FROM {partition} d
WHERE d.moment >= coalesce((SELECT max(c.until) FROM engagement_counterfold c), 0)
"""


@receiver(partition_leaving, sender=CounterDelta)
def keep_unfolded(
    sender: Any, model: type[Partitioned], schema: str, name: str, using: str, **_: Any
) -> Veto | None:
    """Deltas that no counter has taken would be lost with their partition."""
    connection = connections[using]
    partition = f"{connection.ops.quote_name(schema)}.{connection.ops.quote_name(name)}"
    with connection.cursor() as cursor:
        cursor.execute(UNFOLDED.format(partition=partition))
        (waiting,) = cursor.fetchone()
    if waiting:
        return Veto(f"{waiting} deltas of it are in no counter yet: see why counters_fold does not run.")
    return None
