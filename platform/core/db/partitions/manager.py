"""Makes the partitions that are missing, in whatever order the existing ones were made."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psqlextra.partitioning import (
    PostgresModelPartitioningPlan,
    PostgresPartitioningConfig,
    PostgresPartitioningManager,
)

from core.db.partitions.catalog import (
    Partition,
    PartitionedTable,
    find_partitions,
    find_table,
)
from core.db.partitions.errors import PartitionError
from core.db.partitions.names import partition_mark, partition_name
from core.db.partitions.patience import insist
from core.db.partitions.rights import revoke_all
from core.db.partitions.schema import PartitionedSchemaEditor
from core.db.partitions.strategy import CalendarPartition, CalendarStrategy
from core.models.partitioned import Partitioned


class PartitionManager(PostgresPartitioningManager):
    """Plans from the bounds in PostgreSQL's catalog; psqlextra's own goes by names and stops at a gap."""

    def _plan_for_config(
        self,
        config: PostgresPartitioningConfig,
        skip_create: bool = False,
        skip_delete: bool = False,
        using: str | None = None,
    ) -> "CreationPlan | None":
        connection = connections[using or DEFAULT_DB_ALIAS]
        table = required_table(connection, config.model)
        if skip_create:
            return None
        missing = missing_partitions(config.strategy.to_create(), table, find_partitions(connection, table))
        return CreationPlan(config, creations=missing) if missing else None

    @staticmethod
    def _validate_configs(configs: list[PostgresPartitioningConfig]) -> None:
        models = [config.model for config in configs]
        if len(set(models)) != len(models):
            raise PartitionError("A model is partitioned by one plan only.")


class CreationPlan(PostgresModelPartitioningPlan):
    """Creates each partition in a short transaction of its own, one process at a time."""

    creations: list[CalendarPartition]

    def apply(self, using: str | None) -> None:
        """Create what is still missing; two processes may do so at once.

        Raises PartitionError when the connection does not own the table, OperationalError when a lock is
        never to be had.
        """
        connection = connections[using or DEFAULT_DB_ALIAS]
        required_owner(required_table(connection, self.config.model))
        self.creations = [
            partition
            for partition in self.creations
            if insist(connection, partial(self._create, connection, partition))
        ]

    def _create(self, connection: BaseDatabaseWrapper, partition: CalendarPartition) -> bool:
        model = self.config.model
        table = required_table(connection, model)
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended('partitions', %s))", [table.oid])
        if not missing_partitions([partition], table, find_partitions(connection, table)):
            return False
        with editor_of(connection) as editor:
            partition.create(model, editor, comment=partition_comment(table, partition))
            name = partition_name(table.name, partition.name())
            if table.has_row_security:
                editor.secure_partition(name, table.owner)
        with connection.cursor() as cursor:
            cursor.execute("select to_regclass(quote_ident(%s))::oid", [name])
            revoke_all(cursor, cursor.fetchone()[0])
        return True


def ensure_partitions(
    model: type[Partitioned],
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> list[str]:
    """Make the partitions for rows from `start` to before `end`, or for the plan around now without them.

    Returns the names of those made now. Raises PartitionError when the connection does not own the table or a
    partition of another cut is in the way, ValueError for an impossible range.
    """
    if (start is None) != (end is None):
        raise ValueError("A range has a start and an end.")
    span = (start, end) if start is not None and end is not None else None
    strategy = CalendarStrategy(model.partitions, span=span)
    plan = PartitionManager([PostgresPartitioningConfig(model, strategy)]).plan(using=using)
    plan.apply(using=using)
    return [partition_name(model._meta.db_table, partition.name()) for partition in plan.creations]


def missing_partitions(
    wanted: Iterable[CalendarPartition], table: PartitionedTable, present: list[Partition]
) -> list[CalendarPartition]:
    """Return the wanted partitions whose period no present one covers.

    Raises PartitionError when one covers it in part.
    """
    missing = []
    for partition in wanted:
        if any(there.covers(partition.period) for there in present):
            continue
        for there in present:
            if there.overlaps(partition.period):
                raise PartitionError(
                    f"{partition_name(table.name, partition.name())} cannot be made: {there.name} already "
                    "holds a part of that time. Was the plan of the model changed?"
                )
        missing.append(partition)
    return missing


def secure_partitions(connection: BaseDatabaseWrapper, model: type[Partitioned]) -> list[str]:
    """Turn on row security on partitions that were made before their table had it; returns their names."""
    table = required_table(connection, model)
    if not table.has_row_security:
        return []
    late = [there.name for there in find_partitions(connection, table) if not there.is_secured]

    def secure(name: str) -> None:
        with editor_of(connection) as editor:
            editor.secure_partition(name, table.owner)

    for name in late:
        insist(connection, partial(secure, name))
    return late


def required_table(connection: BaseDatabaseWrapper, model: type[Partitioned]) -> PartitionedTable:
    """Return the model's table. Raises PartitionError when it does not exist or is not partitioned."""
    table = find_table(connection, model)
    if table is None:
        raise PartitionError(f"There is no partitioned table {model._meta.db_table}; run migrate.")
    return table


def required_owner(table: PartitionedTable) -> None:
    """Raise PartitionError unless the connection's role owns the table."""
    if not table.is_mine:
        raise PartitionError(f"Only {table.owner} may change the partitions of {table.name}; connect as it.")


def editor_of(connection: BaseDatabaseWrapper) -> PartitionedSchemaEditor:
    """Return the schema editor of the house for a connection."""
    return cast(PartitionedSchemaEditor, connection.schema_editor())


def partition_comment(table: PartitionedTable, partition: CalendarPartition) -> str:
    """Return the comment of a partition: the table's own, whose partition it is, and of what time."""
    period = partition.period
    span = f"{partition_mark(table.name)} {period.start:%Y-%m-%d} to before {period.end:%Y-%m-%d} (UTC)."
    return f"{table.comment} {span}".strip()
