"""What PostgreSQL knows of a partitioned table, read from its catalog and never guessed from names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from core.db.partitions.calendar import Period
from core.db.partitions.names import partition_mark
from core.models.identity import uuid7_floor

_BOUND = r"'([0-9a-f-]{36})'"
_BOUNDS = re.compile(rf"FOR VALUES FROM \((?:{_BOUND}|MINVALUE)\) TO \((?:{_BOUND}|MAXVALUE)\)")
_FIRST = UUID(int=0)
_LAST = UUID(int=2**128 - 1)


@dataclass(frozen=True)
class PartitionedTable:
    """A partitioned table as it stands in the database."""

    oid: int
    schema: str
    name: str
    comment: str
    owner: str
    is_mine: bool
    has_row_security: bool


@dataclass(frozen=True)
class Partition:
    """One attached partition: the ids from `lower` to before `upper`."""

    schema: str
    name: str
    lower: UUID
    upper: UUID
    detach_pending: bool
    is_secured: bool

    def covers(self, period: Period) -> bool:
        """Whether every id of `period` belongs here."""
        lower, upper = id_bounds(period)
        return self.lower <= lower and upper <= self.upper

    def overlaps(self, period: Period) -> bool:
        """Whether some id of `period` belongs here."""
        lower, upper = id_bounds(period)
        return self.lower < upper and lower < self.upper


def id_bounds(period: Period) -> tuple[UUID, UUID]:
    """Return the smallest id of the period, and the smallest after it."""
    return uuid7_floor(period.start), uuid7_floor(period.end)


def find_table(connection: BaseDatabaseWrapper, model: type[Model]) -> PartitionedTable | None:
    """Return the model's partitioned table, or None when the search path has none of that name."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select c.oid, n.nspname, c.relname, coalesce(obj_description(c.oid, 'pg_class'), ''),
                   pg_get_userbyid(c.relowner), pg_get_userbyid(c.relowner) = current_user,
                   c.relrowsecurity
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.oid = to_regclass(quote_ident(%s)) and c.relkind = 'p'
            """,
            [model._meta.db_table],
        )
        row = cursor.fetchone()
    return PartitionedTable(*row) if row else None


def find_partitions(connection: BaseDatabaseWrapper, table: PartitionedTable) -> list[Partition]:
    """Return the attached partitions in the order of their ids, those being detached included."""
    return _attached(connection, "p.oid = %s", table.oid).get(table.name, [])


def find_partitions_of(
    connection: BaseDatabaseWrapper, models: Iterable[type[Model]]
) -> dict[str, list[Partition]]:
    """Return the partitions of many tables by the name of the table, in one query; absent tables are left out."""
    names = [model._meta.db_table for model in models]
    return _attached(
        connection, "p.oid in (select to_regclass(quote_ident(n)) from unnest(%s::text[]) n)", names
    )


def _attached(connection: BaseDatabaseWrapper, which: str, parameter: Any) -> dict[str, list[Partition]]:
    """The partitions of the partitioned tables `p` that `which` selects."""
    found: dict[str, list[Partition]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            select p.relname, n.nspname, c.relname, pg_get_expr(c.relpartbound, c.oid), i.inhdetachpending,
                   c.relrowsecurity and c.relforcerowsecurity
            from pg_class p left join pg_inherits i on i.inhparent = p.oid
            left join pg_class c on c.oid = i.inhrelid left join pg_namespace n on n.oid = c.relnamespace
            where p.relkind = 'p' and {which}
            """,
            [parameter],
        )
        for table, schema, name, text, pending, secured in cursor.fetchall():
            partitions = found.setdefault(table, [])
            if (bounds := parse_bounds(text)) is not None:
                partitions.append(Partition(schema, name, *bounds, pending, secured))
    return {table: sorted(many, key=lambda partition: partition.lower) for table, many in found.items()}


def parse_bounds(text: str | None) -> tuple[UUID, UUID] | None:
    """Read `FOR VALUES FROM ('…') TO ('…')`; None for a default partition or one that vanished meanwhile."""
    match = _BOUNDS.fullmatch(text or "")
    if match is None:
        return None
    lower, upper = match.groups()
    return (UUID(lower) if lower else _FIRST, UUID(upper) if upper else _LAST)


def find_detached(connection: BaseDatabaseWrapper, table: PartitionedTable, pattern: str) -> list[str]:
    """Return the tables that were partitions of `table` and still stand beside it.

    They are told by name and by the comment that every partition carries.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select c.relname
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = %s and c.relkind = 'r' and not c.relispartition and c.relname ~ %s
              and strpos(obj_description(c.oid, 'pg_class'), %s) > 0
            order by c.relname
            """,
            [table.schema, pattern, partition_mark(table.name)],
        )
        return [name for (name,) in cursor.fetchall()]


def find_referenced(connection: BaseDatabaseWrapper, partition: Partition) -> list[int]:
    """Return the oids of the tables that foreign keys of the partition name."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select distinct confrelid from pg_constraint
            where contype = 'f' and conrelid = to_regclass(format('%%I.%%I', %s::text, %s::text))
            """,
            [partition.schema, partition.name],
        )
        return [oid for (oid,) in cursor.fetchall()]
