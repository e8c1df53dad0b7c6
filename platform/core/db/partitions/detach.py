"""Takes partitions away from their table without stopping it, and puts them into the schema `archive`."""

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from core.db.partitions.bystanders import bystanders_go_on
from core.db.partitions.catalog import (
    Partition,
    PartitionedTable,
    find_detached,
    find_partitions,
    find_referenced,
)
from core.db.partitions.errors import NotAPartition, PartitionError
from core.db.partitions.manager import required_owner, required_table
from core.db.partitions.names import partition_pattern
from core.db.partitions.patience import insist, is_lock_failure, retry, session_waits
from core.db.partitions.rights import revoke_all
from core.db.partitions.turns import own_turn, turn_if_free
from core.models.partitioned import Partitioned
from core.vetoes import Vetoed, partition_leaving

ARCHIVE = "archive"
READERS_MAY_TAKE = "60s"


def detach_partition(model: type[Partitioned], name: str, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Detach the partition `name` concurrently and move it to the schema `archive`.

    One process at a time takes partitions of a table away. Waits up to a minute, several times, for the transactions
    that read the table, and briefly for the tables that it refers to. What the detached table keeps:
    its rows, its comment, its checks, its owner's policy. What it loses: foreign keys, all grants, and the
    row triggers, which PostgreSQL takes away with the parent; nobody but the owner reaches it any more.
    Asks `core.vetoes.partition_leaving` before it begins, and again while the table moves: a legal hold may have come
    in between. Raises NotAPartition for a name that is no partition, or no longer; PartitionError inside a transaction,
    for a stranger to the table, when somebody objects, when another process is at it, or when readers never let go;
    `partitions_maintain` then finishes what was begun.
    """
    connection = connections[using]
    table = _required_table_outside_transaction(connection, model)
    with own_turn(connection, table):
        _finish(connection, model, table)
        partition = _partition(connection, table, name)
        if partition is None:
            raise NotAPartition(f"{name} is not a partition of {table.name}.")
        ask_whether_it_may_leave(connection, model, partition.schema, name)
        _detach(connection, table, name)
        _archive(connection, model, table, name)


def finish_detaches(model: type[Partitioned], *, using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Finish every detachment that was interrupted, and archive what was detached; returns the names.

    What another process is about is left to that one. Raises PartitionError as `detach_partition` does.
    """
    connection = connections[using]
    table = _required_table_outside_transaction(connection, model)
    with turn_if_free(connection, table) as free:
        return _finish(connection, model, table) if free else []


def _finish(connection: BaseDatabaseWrapper, model: type[Partitioned], table: PartitionedTable) -> list[str]:
    for pending in unfinished_detaches(connection, table):
        if _partition(connection, table, pending) is not None:
            _detach(connection, table, pending)
    detached = find_detached(connection, table, partition_pattern(table.name))
    for name in detached:
        _archive(connection, model, table, name)
    return detached


def unfinished_detaches(connection: BaseDatabaseWrapper, table: PartitionedTable) -> list[str]:
    """Return the partitions whose detachment was begun, and the tables not yet moved to the archive."""
    pending = [there.name for there in find_partitions(connection, table) if there.detach_pending]
    return pending + find_detached(connection, table, partition_pattern(table.name))


def _required_table_outside_transaction(
    connection: BaseDatabaseWrapper, model: type[Partitioned]
) -> PartitionedTable:
    if connection.in_atomic_block:
        raise PartitionError("A partition is detached outside any transaction.")
    table = required_table(connection, model)
    required_owner(table)
    return table


def _partition(connection: BaseDatabaseWrapper, table: PartitionedTable, name: str) -> Partition | None:
    return next((there for there in find_partitions(connection, table) if there.name == name), None)


def _detach(connection: BaseDatabaseWrapper, table: PartitionedTable, name: str) -> None:
    quote = connection.ops.quote_name

    def attempt() -> None:
        partition = _partition(connection, table, name)
        if partition is None:
            return
        how = "FINALIZE" if partition.detach_pending else "CONCURRENTLY"
        with (
            session_waits(connection, READERS_MAY_TAKE),
            bystanders_go_on(connection, find_referenced(connection, partition)),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                f"ALTER TABLE {quote(table.schema)}.{quote(table.name)} "
                f"DETACH PARTITION {quote(partition.schema)}.{quote(name)} {how}"
            )

    try:
        retry(attempt)
    except OperationalError as error:
        if not is_lock_failure(error):
            raise
        raise PartitionError(
            f"{name} could not be detached: other transactions hold {table.name}. "
            "Run partitions_maintain later; it finishes what was begun."
        ) from error


def ask_whether_it_may_leave(
    connection: BaseDatabaseWrapper, model: type[Partitioned], schema: str, name: str
) -> None:
    """Raises PartitionError with the words of whoever objects."""
    try:
        partition_leaving.require(sender=model, model=model, schema=schema, name=name, using=connection.alias)
    except Vetoed as objection:
        raise PartitionError(f"{name} stays: {objection}") from objection


def _archive(
    connection: BaseDatabaseWrapper, model: type[Partitioned], table: PartitionedTable, name: str
) -> None:
    quote = connection.ops.quote_name
    qualified = f"{quote(table.schema)}.{quote(name)}"

    def move() -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended('partitions', %s))", [table.oid])
            cursor.execute("select to_regclass(%s)::oid, to_regnamespace(%s)::oid", [qualified, ARCHIVE])
            relation, archive = cursor.fetchone()
            if relation is None:
                return
            if archive is None:
                raise PartitionError(f"{name} stays: there is no schema {ARCHIVE}; run provision.")
            cursor.execute("select to_regclass(%s)", [f"{ARCHIVE}.{quote(name)}"])
            if cursor.fetchone()[0] is not None:
                raise PartitionError(f"{name} stays: {ARCHIVE}.{name} already exists.")
            ask_whether_it_may_leave(connection, model, table.schema, name)
            cursor.execute(
                "select conname from pg_constraint where conrelid = %s and contype = 'f' order by 1",
                [relation],
            )
            for (constraint,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {qualified} DROP CONSTRAINT {quote(constraint)}")
            revoke_all(cursor, relation)
            cursor.execute(f"ALTER TABLE {qualified} SET SCHEMA {ARCHIVE}")

    insist(connection, move)
