"""Which partitions a model should have, computed from the calendar."""

from collections.abc import Iterator
from datetime import UTC, datetime

from psqlextra.partitioning import PostgresRangePartition, PostgresRangePartitioningStrategy

from core.db.partitions.calendar import PartitionPlan, Period, periods
from core.db.partitions.catalog import id_bounds


class CalendarPartition(PostgresRangePartition):
    """The partition of one period."""

    def __init__(self, period: Period) -> None:
        super().__init__(*id_bounds(period))
        self.period = period

    def name(self) -> str:
        """Return what the name adds to the table's."""
        return self.period.suffix


class CalendarStrategy(PostgresRangePartitioningStrategy):
    """The periods of the plan around now, or those that cover a given range.

    Nothing is deleted by age here: how long rows are kept is data, and its job names what leaves.
    """

    def __init__(
        self,
        plan: PartitionPlan,
        *,
        now: datetime | None = None,
        span: tuple[datetime, datetime] | None = None,
    ) -> None:
        self.plan = plan
        self.now = now
        self.span = span

    def to_create(self) -> Iterator[CalendarPartition]:
        """Yield the partitions that should exist, in order. Raises ValueError for an impossible span."""
        if self.span is not None:
            wanted = periods(self.plan.every, *self.span)
        else:
            wanted = iter(self.plan.wanted(self.now or datetime.now(UTC)))
        return (CalendarPartition(period) for period in wanted)

    def to_delete(self) -> Iterator[CalendarPartition]:
        """Yield nothing; see the class."""
        return iter(())
