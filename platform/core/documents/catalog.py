"""The schema as PostgreSQL describes it: tables and views of `vbl` with everything that hangs on them.

Everything comes from pg_catalog. Sizes, dates and lists of partitions are left out, so that two databases
with the same migrations read the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connections, transaction

SCHEMA = "vbl"
KINDS = {"p": "primary key", "u": "unique", "c": "check", "x": "exclusion", "f": "foreign key"}
COMMANDS = {"r": "select", "a": "insert", "w": "update", "d": "delete", "*": "all"}


@dataclass(frozen=True)
class Column:
    """One column; `default` is SQL, for a generated column its expression."""

    name: str
    type: str
    nullable: bool
    default: str
    generated: bool
    comment: str


@dataclass(frozen=True)
class Constraint:
    """A key, CHECK, exclusion or foreign key; `index` is the index behind it, `target` what it points at."""

    name: str
    kind: str
    definition: str
    columns: tuple[str, ...]
    target: str
    comment: str
    index: str


@dataclass(frozen=True)
class Index:
    """An index; `comment` names its query, `columns` are empty for expressions."""

    name: str
    definition: str
    columns: tuple[str, ...]
    comment: str


@dataclass(frozen=True)
class Policy:
    """A row-level security policy with its conditions as SQL, '' where there is none."""

    name: str
    command: str
    roles: tuple[str, ...]
    using: str
    check: str


@dataclass(frozen=True)
class Trigger:
    """A trigger; `words` are the comment of its function, `definer` says it runs with the owner's rights."""

    name: str
    timing: str
    words: str
    definer: bool


@dataclass(frozen=True)
class Function:
    """A function that may be called; `definer` says it runs with the owner's rights."""

    signature: str
    arguments: str
    returns: str
    definer: bool
    comment: str


@dataclass
class Table:
    """A table with its parts, each sorted: columns by position, the rest by name. A view has its `query`."""

    name: str
    comment: str
    partitioned_by: str
    row_security: bool
    query: str = ""
    columns: list[Column] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    referenced_by: list[tuple[str, Constraint]] = field(default_factory=list)


TABLES = """
SELECT c.relname, coalesce(obj_description(c.oid, 'pg_class'), ''),
  coalesce(pg_get_partkeydef(c.oid), ''), c.relrowsecurity AND c.relforcerowsecurity,
  CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid, true) ELSE '' END
FROM pg_class c
WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
ORDER BY c.relname
"""
COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
  CASE WHEN a.attidentity <> '' THEN 'identity' ELSE coalesce(pg_get_expr(d.adbin, d.adrelid), '') END,
  a.attgenerated <> '', coalesce(col_description(c.oid, a.attnum), '')
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
ORDER BY c.relname, a.attnum
"""
CONSTRAINTS = """
SELECT c.relname, k.conname, k.contype::text, pg_get_constraintdef(k.oid, true),
  (SELECT coalesce(array_agg(a.attname::text ORDER BY p.place), '{}')
   FROM unnest(k.conkey) WITH ORDINALITY p (number, place)
   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.number),
  coalesce(t.relname, ''), coalesce(obj_description(k.oid, 'pg_constraint'), ''),
  CASE WHEN k.contype IN ('p', 'u', 'x') THEN (SELECT relname FROM pg_class WHERE oid = k.conindid) ELSE '' END
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
LEFT JOIN pg_class t ON t.oid = k.confrelid
WHERE c.relnamespace = %(schema)s::regnamespace AND NOT c.relispartition AND k.contype IN ('p', 'u', 'c', 'x', 'f')
ORDER BY c.relname, array_position(ARRAY['p', 'u', 'x', 'c', 'f'], k.contype::text), k.conname
"""
INDEXES = """
SELECT c.relname, i.relname, pg_get_indexdef(x.indexrelid),
  (SELECT coalesce(array_agg(a.attname::text ORDER BY p.place), '{}')
   FROM unnest(x.indkey) WITH ORDINALITY p (number, place)
   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.number),
  coalesce(obj_description(i.oid, 'pg_class'), '')
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class c ON c.oid = x.indrelid
WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY c.relname, i.relname
"""
POLICIES = """
SELECT c.relname, p.polname, p.polcmd::text,
  (SELECT array_agg(r.rolname::text ORDER BY r.rolname) FROM pg_roles r WHERE r.oid = ANY(p.polroles)),
  coalesce(pg_get_expr(p.polqual, p.polrelid), ''), coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = %(schema)s::regnamespace AND NOT c.relispartition
ORDER BY c.relname, p.polname
"""
TRIGGERS = """
SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid), coalesce(obj_description(t.tgfoid, 'pg_proc'), ''), f.prosecdef
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_proc f ON f.oid = t.tgfoid
WHERE c.relnamespace = %(schema)s::regnamespace AND NOT c.relispartition AND NOT t.tgisinternal
ORDER BY c.relname, t.tgname
"""
FUNCTIONS = """
SELECT p.oid::regprocedure::text, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.prosecdef,
  coalesce(obj_description(p.oid, 'pg_proc'), '')
FROM pg_proc p
WHERE p.pronamespace IN (%(schema)s::regnamespace, 'crypt'::regnamespace) AND p.prorettype <> 'trigger'::regtype
ORDER BY 1
"""

Part = TypeVar("Part")


def _timing(definition: str) -> str:
    """`BEFORE INSERT OR UPDATE` out of a CREATE TRIGGER."""
    words = definition.split(" ON ", 1)[0].split()
    for position, word in enumerate(words):
        if word in ("BEFORE", "AFTER", "INSTEAD"):
            return " ".join(words[position:])
    return ""


def _grouped(rows: Iterable[tuple[Any, ...]], make: Callable[..., Part]) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = defaultdict(list)
    for table, *values in rows:
        found[table].append(make(*values))
    return found


def _rows(cursor: Any, sql: str) -> list[tuple[Any, ...]]:
    cursor.execute(sql, {"schema": SCHEMA})
    return list(cursor.fetchall())


@contextmanager
def _fixed_search_path(using: str) -> Iterator[Any]:
    """A cursor for which PostgreSQL writes names of our schemas short; the path is put back afterwards."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('search_path', 'vbl, extensions', true)")
        yield cursor
        cursor.execute("SELECT set_config('search_path', %s, true)", [before])


def read_functions(using: str = "default") -> list[Function]:
    """Every function of the schema and of `crypt` by signature, those of triggers excepted."""
    with _fixed_search_path(using) as cursor:
        return [Function(*row) for row in _rows(cursor, FUNCTIONS)]


def read_catalog(using: str = "default") -> dict[str, Table]:
    """Every table and view of the schema by name, partitions excepted."""
    with _fixed_search_path(using) as cursor:
        tables = {name: Table(name, *rest) for name, *rest in _rows(cursor, TABLES)}
        columns = _grouped(_rows(cursor, COLUMNS), Column)
        constraints = _grouped(
            _rows(cursor, CONSTRAINTS),
            lambda name, kind, definition, names, target, comment, index: Constraint(
                name, KINDS[kind], definition, tuple(names), target, comment, index
            ),
        )
        indexes = _grouped(
            _rows(cursor, INDEXES),
            lambda name, definition, names, comment: Index(name, definition, tuple(names), comment),
        )
        policies = _grouped(
            _rows(cursor, POLICIES),
            lambda name, command, roles, using_rows, check: Policy(
                name, COMMANDS[command], tuple(roles or ("PUBLIC",)), using_rows, check
            ),
        )
        triggers = _grouped(
            _rows(cursor, TRIGGERS),
            lambda name, definition, words, definer: Trigger(name, _timing(definition), words, definer),
        )
    for name, table in tables.items():
        table.columns, table.constraints = columns[name], constraints[name]
        table.indexes, table.policies, table.triggers = indexes[name], policies[name], triggers[name]
        for constraint in table.constraints:
            if constraint.kind == "foreign key" and constraint.target in tables:
                tables[constraint.target].referenced_by.append((name, constraint))
    return tables
