"""Partitions that were detached and stand in the schema `archive` until they are dropped, and those that return."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from core.db.partitions.calendar import Period
from core.db.partitions.catalog import PartitionedTable, find_partitions, id_bounds
from core.db.partitions.detach import ARCHIVE, ask_whether_it_may_leave
from core.db.partitions.errors import PartitionError
from core.db.partitions.manager import editor_of, partition_comment, required_owner, required_table
from core.db.partitions.names import partition_mark, partition_name, partition_pattern
from core.db.partitions.patience import insist
from core.db.partitions.rights import revoke_all
from core.db.partitions.strategy import CalendarPartition
from core.models.partitioned import Partitioned

RETURNING = "Comes back from the archive: not whole before it is attached."
"""The comment of a table whose rows are coming back."""

STANDING = """
select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relname = %s and n.nspname = any (%s) and obj_description(c.oid, 'pg_class') is distinct from %s
"""


@dataclass(frozen=True)
class DetachedPartition:
    """A table in the schema `archive` that was a partition."""

    name: str
    period: Period

    @property
    def relation(self) -> str:
        """Its name for SQL."""
        return f'{ARCHIVE}."{self.name}"'


def period_of(model: type[Partitioned], name: str) -> Period:
    """The period of a partition by its name. Raises PartitionError for a name that is no partition's."""
    table = model._meta.db_table
    try:
        return Period.of_suffix(model.partitions.every, name.removeprefix(f"{table}_"))
    except ValueError:
        raise PartitionError(f"{name} is not the name of a partition of {table}.") from None


def detached_partitions(
    model: type[Partitioned], *, using: str = DEFAULT_DB_ALIAS
) -> list[DetachedPartition]:
    """The partitions of the model that stand in the schema `archive`, in the order of time."""
    table = model._meta.db_table
    with connections[using].cursor() as cursor:
        cursor.execute(
            """
            select c.relname from pg_class c
            where c.relnamespace = to_regnamespace(%s) and c.relkind = 'r' and c.relname ~ %s
              and strpos(obj_description(c.oid, 'pg_class'), %s) > 0
            order by c.relname
            """,
            [ARCHIVE, partition_pattern(table), partition_mark(table)],
        )
        return [DetachedPartition(name, period_of(model, name)) for (name,) in cursor.fetchall()]


def drop_detached(
    model: type[Partitioned],
    partition: DetachedPartition,
    *,
    using: str = DEFAULT_DB_ALIAS,
    record: Callable[[], None] = lambda: None,
) -> None:
    """Drop a detached partition for good; `record` writes in the same transaction.

    Asks `core.vetoes.partition_leaving` once more: a legal hold may have come since it was detached. Raises
    PartitionError for a stranger to the table, or when somebody objects.
    """
    connection = connections[using]
    required_owner(required_table(connection, model))
    with transaction.atomic(using=using):
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {partition.relation} IN ACCESS EXCLUSIVE MODE")
        ask_whether_it_may_leave(connection, model, ARCHIVE, partition.name)
        record()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {partition.relation}")


def require_absent(model: type[Partitioned], name: str, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Raise PartitionError where rows of the partition's time are in the database: attached, or detached."""
    connection = connections[using]
    table, period = required_table(connection, model), period_of(model, name)
    for there in find_partitions(connection, table):
        if there.overlaps(period):
            raise PartitionError(
                f"{there.name} stands in the database and may hold rows of that time; nothing was restored over them."
            )
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [name, [table.schema, ARCHIVE], RETURNING])
        if found := cursor.fetchone():
            raise PartitionError(f"{found[0]}.{name} stands in the database; nothing was restored over it.")


def return_partition(
    model: type[Partitioned],
    name: str,
    fill: Callable[[str], None],
    finish: Callable[[], None],
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> None:
    """Make the partition anew, `fill` it by its name for SQL, and attach it; `finish` writes in that last transaction.

    Nobody waits for it: its foreign keys are made while it is empty, so that the tables they name are locked for an
    instant and nothing is left to be checked when it is attached. Raises PartitionError inside a transaction, and where
    rows of that time are in the database; what `fill` and `finish` raise leaves nothing behind.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        raise PartitionError("A partition comes back outside any transaction.")
    table, period = required_table(connection, model), period_of(model, name)
    required_owner(table)
    require_absent(model, name, using=using)
    waiting = f'{ARCHIVE}."{name}"'
    parent = f'"{table.schema}"."{table.name}"'
    try:
        insist(connection, lambda: _make(connection, table, period, waiting, parent))
        with transaction.atomic(using=using):
            fill(waiting)
        with transaction.atomic(using=using):
            with connection.cursor() as cursor:
                cursor.execute(
                    "select pg_advisory_xact_lock(hashtextextended('partitions', %s))", [table.oid]
                )
            require_absent(model, name, using=using)
            insist(connection, lambda: _attach(connection, table, period, waiting, parent))
            finish()
    except BaseException:
        _discard(connection, waiting)
        raise


def _discard(connection: BaseDatabaseWrapper, waiting: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {waiting}")


FOREIGN_KEYS = """
select format('ADD CONSTRAINT %%I %%s', conname, pg_get_constraintdef(oid)) from pg_constraint
where conrelid = %s and contype = 'f' order by conname
"""


def _make(
    connection: BaseDatabaseWrapper, table: PartitionedTable, period: Period, waiting: str, parent: str
) -> None:
    """An empty table that could be the partition; what an interrupted return left there is removed."""
    with editor_of(connection) as editor, connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {waiting}")
        editor.execute(editor.sql_create_partition % {"table": parent, "partition": waiting}, None)
        editor.execute(editor.sql_table_comment % (waiting, editor.quote_value(RETURNING)), None)
        cursor.execute(FOREIGN_KEYS, [table.oid])
        if keys := ", ".join(key for (key,) in cursor.fetchall()):
            editor.execute(f"ALTER TABLE {waiting} {keys}", None)
        cursor.execute("select %s::regclass::oid", [waiting])
        revoke_all(cursor, cursor.fetchone()[0])


def _attach(
    connection: BaseDatabaseWrapper, table: PartitionedTable, period: Period, waiting: str, parent: str
) -> None:
    name = partition_name(table.name, period.suffix)
    lower, upper = id_bounds(period)
    with editor_of(connection) as editor:
        comment = partition_comment(table, CalendarPartition(period))
        editor.execute(editor.sql_table_comment % (waiting, editor.quote_value(comment)), None)
        editor.execute(f'ALTER TABLE {waiting} SET SCHEMA "{table.schema}"', None)
        words = {
            "table": parent,
            "partition": f'"{table.schema}"."{name}"',
            "lower": editor.quote_value(str(lower)),
            "upper": editor.quote_value(str(upper)),
        }
        editor.execute(editor.sql_attach_partition % words, None)
        if table.has_row_security:
            editor.secure_partition(name, table.owner)
