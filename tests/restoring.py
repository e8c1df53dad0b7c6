"""Taking back what a committing test left in the database of its worker.

A fresh clone of the template copies more than a thousand files and takes a second or two. Most tests that commit
write a few rows, so these rows are taken out again and those of the template put back. Whatever else was
changed - a table, a function, a right, very much data - gets the fresh clone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.database import Databases

#: A table that never was analysed counts as ten pages for the planner, as long as it has no more.
MOST_PAGES = 10
#: Seconds for the connections of a test to end.
PATIENCE = 10.0
SETTINGS = "-c jit=off -c max_parallel_workers_per_gather=0 -c session_replication_role=replica"

#: Every row that is inserted or updated has the number of a later transaction; one that is deleted is not counted.
STATE = sql.SQL("SELECT {name}, count(*), coalesce(max(xmin::text::bigint), 0) FROM ONLY {table}")
CATALOGUES = (
    "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' "
    # What ANALYZE found is no change.
    "AND NOT relisshared AND relname NOT IN ('pg_statistic', 'pg_statistic_ext_data')"
)
TABLES = (
    # A file without a byte holds no row, and is not opened to see that.
    "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relpersistence <> 't' "
    "AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) "
    "AND pg_relation_size(oid) > 0"
)
NOTHING = (0, 0)
COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
    "AND attgenerated = '' ORDER BY attnum"
)
#: Rights and settings of the database itself are kept for the whole cluster.
OF_THE_DATABASE = (
    "SELECT datacl::text, datdba, (SELECT array_agg((setrole, setconfig)::text ORDER BY setrole) "
    "FROM pg_db_role_setting WHERE setdatabase = d.oid)::text FROM pg_database d WHERE datname = current_database()"
)
SEQUENCES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'S' AND relpersistence <> 't'"

State = dict[str, tuple[int, int]]


@dataclass
class WorkerDatabase:
    """The clone in which the tests of one worker run, and what it held at first."""

    databases: Databases
    name: str
    schema: object = None
    tables: State = field(default_factory=dict)
    rows: dict[str, bytes] = field(default_factory=dict)
    sequences: dict[str, tuple[int, bool]] = field(default_factory=dict)

    def clone(self) -> None:
        """Make it anew from the template, and remember what it holds."""
        self.databases.clone(self.name)
        with self._connect() as connection:
            self.schema = _schema(connection)
            self.tables = _state(connection, TABLES)
            self.rows = {name: _rows(connection, name) for name, (count, _) in self.tables.items() if count}
            self.sequences = _sequences(connection)

    def restore(self) -> bool:
        """Make it what it was after `clone`; whether a fresh clone was needed for that."""
        with self._connect() as connection:
            restored = self._others_left(connection) and self._put_back(connection)
        if not restored:
            self.clone()
        return not restored

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(make_conninfo(self.databases.superuser, dbname=self.name, options=SETTINGS))

    def _others_left(self, connection: psycopg.Connection) -> bool:
        """End the connections that a test forgot, as the fresh clone does; whether all are gone."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            others = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            ).fetchall()
            connection.commit()
            if not others:
                return True
            time.sleep(0.002)
        return False

    def _put_back(self, connection: psycopg.Connection) -> bool:
        if _schema(connection) != self.schema:
            return False
        now = _state(connection, TABLES)
        dirty = [
            name
            for name in sorted({*now, *self.tables})
            if now.get(name, NOTHING) != self.tables.get(name, NOTHING)
        ]
        if any(_pages(connection, name) > MOST_PAGES for name in dirty):
            return False
        for name in dirty:
            connection.execute(sql.SQL("DELETE FROM ONLY {}").format(sql.SQL(name)))
        for name in dirty:
            if rows := self.rows.get(name):
                with connection.cursor().copy(_copy(connection, name, "FROM STDIN")) as copy:
                    copy.write(rows)
        for name, state in _sequences(connection).items():
            if state != self.sequences[name]:
                connection.execute("SELECT setval(%s::regclass, %s, %s)", (name, *self.sequences[name]))
        connection.commit()
        self.tables.update(_state(connection, TABLES, {name for name in dirty if name in self.rows}))
        return True


def _schema(connection: psycopg.Connection) -> object:
    """What changes with every table, function, type, right and setting."""
    return _state(connection, CATALOGUES), connection.execute(OF_THE_DATABASE).fetchone()


def _state(connection: psycopg.Connection, names: str, only: set[str] | None = None) -> State:
    """Per table: how many rows there are, and the latest transaction that wrote one."""
    found = [name for (name,) in connection.execute(names) if only is None or name in only]
    parts = [STATE.format(name=sql.Literal(name), table=sql.SQL(name)) for name in found]
    if not parts:
        return {}
    query = sql.SQL(" UNION ALL ").join(parts)
    return {name: (count, latest) for name, count, latest in connection.execute(query)}


def _rows(connection: psycopg.Connection, name: str) -> bytes:
    with connection.cursor().copy(_copy(connection, name, "TO STDOUT")) as copy:
        return b"".join(copy)


def _copy(connection: psycopg.Connection, name: str, direction: str) -> sql.Composed:
    columns = [sql.Identifier(column) for (column,) in connection.execute(COLUMNS, [name])]
    return sql.SQL("COPY {} ({}) {}").format(sql.SQL(name), sql.SQL(", ").join(columns), sql.SQL(direction))


def _pages(connection: psycopg.Connection, name: str) -> int:
    row = connection.execute(
        "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int", [name]
    ).fetchone()
    return row[0] if row else 0


def _sequences(connection: psycopg.Connection) -> dict[str, tuple[int, bool]]:
    names = [name for (name,) in connection.execute(SEQUENCES)]
    states = {}
    for name in names:
        row = connection.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.SQL(name)))
        states[name] = row.fetchone() or (0, False)
    return states
