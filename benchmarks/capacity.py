"""How much disk do a million people need?

`python -m benchmarks.capacity`. Fills a throw-away database with the rows of the query catalogue, makes up rows of the
tables that it leaves empty (each column gets a value of its type), packs every table, and measures what a row takes:
heap with what was put aside (TOAST), and indexes. With the assumptions of `benchmarks.capacity_assumptions` and the
retention that each model declares follows how much is written in a year and how much there is when as much leaves as
comes. Prints tables in Markdown, for docs/operations.md; takes some minutes.
"""

import datetime as dt
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

from benchmarks.capacity_assumptions import LONGER, ROWS, YEARS, A
from core.db.provisioning_sql import SEARCH_PATH

ENOUGH, MADE = 2_000, 20_000
"""Fewer rows than this say nothing, so that so many are made up."""

HORIZON = 10.0
"""Years for which rows are counted that no period takes away."""

HEADROOM = 1.3
"""Of dead rows that wait for vacuum, and of pages of indexes that are not full."""

DAYS_OF = {"D": 1.0, "M": 365.25 / 12, "Y": 365.25}
GIGABYTE = 1e9

LEAVES = (
    "SELECT c.oid::regclass::text FROM pg_partition_tree(%s::regclass) t JOIN pg_class c ON c.oid = t.relid "
    "WHERE t.isleaf UNION SELECT c.oid::regclass::text FROM pg_class c WHERE c.oid = %s::regclass AND c.relkind = 'r'"
)
SIZES = "SELECT pg_table_size(%s::regclass), pg_indexes_size(%s::regclass)"
CHECKS = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'x') AND conparentid = 0"
COLUMNS = """
SELECT a.attname, format_type(t.oid, NULL), t.typcategory::text, EXISTS (
  SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND a.attnum = ANY (i.indkey)
)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
ORDER BY a.attnum
"""
VALUES = {
    "bigint": "n",
    "boolean": "false",
    "date": "current_date - n % 365",
    "inet": "'10.0.0.1'::inet + n % 60000",
    "jsonb": "'{}'::jsonb",
    "numeric": "n % 10",
    "timestamp with time zone": "now() - n * interval '1 second'",
    "tstzrange": "tstzrange(now() - n * interval '1 second', NULL)",
    "xid8": "n::text::xid8",
}
"""A value of each type; numbers of other types are the number of the row, texts have sixteen letters."""


@dataclass(frozen=True)
class Measured:
    """Bytes of one row of a table, and whether it was made up."""

    heap: float
    indexes: float
    made_up: bool


def years_of(words: str) -> float | None:
    """How many years a row is kept, by the words of its model; None where no period takes it away."""
    from core.models.storage import term_of

    period = term_of(words).period
    if period is None:
        return None
    count, unit = re.fullmatch(r"PT?(\d+)([MDY])", period).groups()  # type: ignore[union-attr]
    days = int(count) / 1440 if period.startswith("PT") else int(count) * DAYS_OF[unit]
    return days / DAYS_OF["Y"]


def value_of(column: str, of_type: str, category: str, distinct: bool, choices: list[str]) -> str:
    """SQL for the value of a column in row `n`."""
    if of_type == "uuid":
        return "uuidv7()" if column == "id" else f"md5('{column}' || {'n' if distinct else 'n / 20'})::uuid"
    if choices and not distinct:
        middle = sorted(choices, key=len)[len(choices) // 2]
        return sql.Literal(middle).as_string()
    if of_type in VALUES:
        return VALUES[of_type]
    if of_type == "bytea":
        # A digest has 32 bytes, the ciphertext of twenty letters some ninety.
        return f"decode(repeat(md5(n::text), {2 if 'digest' in column else 6}), 'hex')"
    if category == "A":
        return "'{}'"
    if category == "S":
        return "left(md5(n::text), 16)"
    if category == "N":
        return "n % 30000" if of_type == "smallint" else "n"
    return "NULL"


class Bench:
    """One throw-away database, its tables of large volume, and what is measured in them."""

    def __init__(self, superuser: str) -> None:
        # What is made up breaks rules, which a superuser alone may do.
        self.connection = psycopg.connect(superuser, autocommit=True)
        self.connection.execute(f"SET search_path = {SEARCH_PATH}")
        self.connection.execute("SET session_replication_role = replica")

    def rows(self, table: str) -> int:
        """How many rows there are."""
        ((count,),) = self.connection.execute(f'SELECT count(*) FROM "{table}"').fetchall()  # type: ignore[call-overload]
        return int(count)

    def make_up(self, model: Any) -> None:
        """Rows in which each column has a value of its type; rules about values are dropped first."""
        table = model._meta.db_table
        for (name,) in self.connection.execute(CHECKS, [table]).fetchall():
            self.connection.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')  # type: ignore[call-overload]
        fields = {field.column: field for field in model._meta.concrete_fields}
        columns = self.connection.execute(COLUMNS, [table]).fetchall()
        values = [
            value_of(
                name,
                of_type,
                category,
                distinct,
                [str(value) for value, _ in getattr(fields.get(name), "choices", None) or ()],
            )
            for name, of_type, category, distinct in columns
        ]
        names = ", ".join(f'"{name}"' for name, *_ in columns)
        self.connection.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {", ".join(values)} FROM generate_series(1, {MADE}) n'  # type: ignore[call-overload]
        )

    def measure(self, table: str, *, made_up: bool) -> Measured:
        """Bytes of a row in the partitions that have rows, once they are packed."""
        heap = indexes = rows = 0
        for (leaf,) in self.connection.execute(LEAVES, [table, table]).fetchall():
            ((count,),) = self.connection.execute(f"SELECT count(*) FROM {leaf}").fetchall()  # type: ignore[call-overload]
            if not count:
                continue
            self.connection.execute(f"VACUUM (FULL) {leaf}")  # type: ignore[call-overload]
            ((leaf_heap, leaf_indexes),) = self.connection.execute(SIZES, [leaf, leaf]).fetchall()
            heap, indexes, rows = heap + leaf_heap, indexes + leaf_indexes, rows + count
        return Measured(heap / rows, indexes / rows, made_up)


def measured_all(bench: Bench) -> dict[str, Measured]:
    """Every table of which the assumptions say how it grows."""
    from django.apps import apps

    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    found = {}
    for table in ROWS:
        made_up = bench.rows(table) < ENOUGH
        if made_up:
            bench.make_up(models[table])
        found[table] = bench.measure(table, made_up=made_up)
    return found


def report(found: dict[str, Measured]) -> Iterator[str]:
    """The tables in Markdown: what is assumed, and what comes of it."""
    from django.apps import apps

    from core.models.storage import retention_of, volume_of

    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    yield "| Assumed | Number | Source |"
    yield "|---|---|---|"
    for assumption in A.values():
        yield f"| {assumption.words} | {assumption.number:,g} | {assumption.source} |"
    for table, longer in LONGER.items():
        yield f"| {longer.words}, beyond those measured in `{table}` | {longer.number:,g} | {longer.source} |"
    yield ""
    yield "| Table | Class | Heap, B a row | Indexes, B a row | Rows a year | GB a year | Kept | GB when steady |"
    yield "|---|---|---|---|---|---|---|---|"
    lines, yearly, steady = [], 0.0, 0.0
    for table, measured in found.items():
        expected = ROWS[table]
        words = retention_of(models[table])
        kept, shown = YEARS.get(table) or (years_of(words), re.split("[;,]", words)[0])
        heap = measured.heap + (LONGER[table].number if table in LONGER else 0)
        both = heap + measured.indexes
        a_year = expected.a_day * 365
        growth = a_year * both * HEADROOM / GIGABYTE
        rows = expected.standing or a_year * min(kept or HORIZON, HORIZON)
        full = rows * both * HEADROOM / GIGABYTE
        yearly, steady = yearly + growth, steady + full
        lines.append(
            (
                -full,
                f"| `{table}`{' *' if measured.made_up else ''} | {volume_of(models[table])} | {heap:.0f} "
                f"| {measured.indexes:.0f} | {f'{a_year / 1e6:,.1f} M' if a_year else 'standing'} "
                f"| {growth:,.1f} | {shown} | {full:,.1f} |",
            )
        )
    for _, line in sorted(lines):
        yield line
    yield f"| **all of these** | | | | | **{yearly:,.0f}** | | **{steady:,.0f}** |"


def main() -> None:
    """Make a database, fill it, measure, and print."""
    from tests.database import databases

    with databases() as made:
        name = f"{made.run}_bench"
        made.clone(name)
        os.environ["TEST_DATABASE_URL"] = os.environ["DATABASE_URL"] = made.url(name)
        import django

        django.setup()
        from django.db import connection, transaction

        from tests.core import query_data

        with transaction.atomic():
            query_data.fill()
        connection.close()
        bench = Bench(make_conninfo(made.superuser, dbname=name))
        found = measured_all(bench)
        bench.connection.close()
    print(f"Measured on {dt.datetime.now(dt.UTC):%Y-%m-%d}.\n")
    print("\n".join(report(found)))


if __name__ == "__main__":
    main()
