"""Counting what is over, for every table with a period: rows in batches, firehoses by whole partitions."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Model

from audit.retention_sql import Place, table_of
from core.db.holds import COVERS, HeldBy, held_by_of, holds_nothing
from core.db.partitions.calendar import Period
from core.db.partitions.catalog import find_partitions
from core.db.partitions.detached import detached_partitions, period_of
from core.db.partitions.manager import required_table
from core.models.identity import uuid7_floor
from core.models.partitioned import Partitioned

COUNT_BATCH = 10_000
COUNTED_BELOW = 1_000_000
"""A partition with more rows than this, by the planner's figures, is not counted but estimated."""


@dataclass
class Tally:
    """What was found of one table. `held` and `bound` rows are over too, and stay; a row counts as one of the two."""

    found: int = 0
    deleted: int = 0
    held: int = 0
    bound: int = 0
    partitions: int = 0
    is_estimate: bool = False

    @property
    def free(self) -> int:
        """What is over and may go."""
        return self.found - self.held - self.bound


def rows_count(model: type[Model], cut_off: datetime, *, batch: int = COUNT_BATCH) -> Tally:
    """How much of a table is over, and what of it a hold exempts. Runs as the owner; changes nothing.

    Each batch is a transaction of its own, since whoever asks about holds makes whoever places one wait.
    """
    if issubclass(model, Partitioned):
        return _partitions_count(model, cut_off)
    tally, table = Tally(), table_of(model)
    after: Place | None = None
    while True:
        with transaction.atomic():
            rows = table.find(cut_off, after=after, limit=batch, lock=False)
        tally.found += len(rows)
        tally.held += sum(row.held for row in rows)
        tally.bound += sum(row.bound and not row.held for row in rows)
        if len(rows) < batch:
            return tally
        after = rows[-1].place


def partitions_over(model: type[Partitioned], cut_off: datetime) -> list[tuple[str, Period]]:
    """The attached partitions that lie wholly before an instant, with their periods, in the order of time."""
    floor = uuid7_floor(cut_off)
    table = required_table(connection, model)
    over = [there.name for there in find_partitions(connection, table) if there.upper <= floor]
    return [(name, period_of(model, name)) for name in over]


def _partitions_count(model: type[Partitioned], cut_off: datetime) -> Tally:
    """Whole partitions that are over, detached ones included; what is over in one that is not is left to its end."""
    tally = Tally()
    schema = required_table(connection, model).schema
    quote = connection.ops.quote_name
    over = [f"{quote(schema)}.{quote(name)}" for name, _ in partitions_over(model, cut_off)]
    over += [one.relation for one in detached_partitions(model) if one.period.end <= cut_off]
    for relation in over:
        tally.partitions += 1
        _partition_count(model, relation, tally)
    return tally


def _partition_count(model: type[Partitioned], name: str, tally: Tally) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [name])
        (estimated,) = cursor.fetchone()
        if estimated > COUNTED_BELOW:
            tally.found += estimated
            tally.is_estimate = True
            return
        held = held_by_of(model)
        covered = "false"
        if isinstance(held, HeldBy) and not holds_nothing(held):
            covered = f"{COVERS}({held.arrays(model, 't')})"
        cursor.execute(f"SELECT count(*), count(*) FILTER (WHERE {covered}) FROM {name} t")
        found, kept = cursor.fetchone()
        tally.found += found
        tally.held += kept
