"""Which events may be missing from the trail, because a record says where their partition went."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db import connection

from audit.models import ArchivedPartition, Event
from core.db.partitions.catalog import find_partitions, id_bounds
from core.db.partitions.detached import detached_partitions
from core.db.partitions.manager import required_table
from core.models.identity import uuid7_floor

KEPT = relativedelta(years=7)
"""How long events are kept. Younger ones are in the database or in the archive, or were deleted."""

Span = tuple[UUID, UUID]


@dataclass(frozen=True)
class Departed:
    """Events before `over` are over for good; those in `spans` (from, to before) are in the archive or on the way."""

    over: UUID
    spans: tuple[Span, ...] = ()

    @classmethod
    def recorded(cls) -> "Departed":
        """As the records of the archive and the catalog say at this moment.

        What stands attached has not left, whatever was recorded before: rows that came back are missed when they go.
        """
        records = ArchivedPartition.objects.filter(table_name=Event._meta.db_table, cold_at__isnull=False)
        left = set(records.values_list("lower_id", "upper_id"))
        left |= {id_bounds(one.period) for one in detached_partitions(Event)}
        attached = [
            (one.lower, one.upper) for one in find_partitions(connection, required_table(connection, Event))
        ]
        spans = [span for span in sorted(left) if not any(_meet(span, there) for there in attached)]
        return cls(uuid7_floor(datetime.now(UTC) - KEPT), tuple(spans))

    def may_miss(self, event: UUID) -> bool:
        """Whether an event may be missing."""
        return event < self.over or any(lower <= event < upper for lower, upper in self.spans)

    def may_miss_some(self, first: UUID, last: UUID) -> bool:
        """Whether some event from the first to the last may be missing."""
        return first < self.over or any(lower <= last and first < upper for lower, upper in self.spans)


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
