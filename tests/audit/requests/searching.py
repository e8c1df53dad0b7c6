"""What the database says of a person: every value that is theirs, and every place in which a value stands.

Whose a row is follows from what each table declares: legal holds (`HeldBy.person`), and foreign keys to people and
performers. Nothing is listed by hand, so that a new table is searched the day it comes.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from core.db.holds import HeldBy, held_by_of
from core.db.privacy import Privacy, privacy_of
from core.encryption.blind_index import BlindIndexField
from core.encryption.fields import protected_fields
from tests.sql import run

IDENTITY = re.compile(r"^(\w+ )?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
"""A random key, by itself or behind the name of a table, identifies nobody once the person is erased."""

SHORTEST = 8
"""Shorter values stand everywhere by chance."""

TEXTUAL = (
    "text",
    "text[]",
    "character varying",
    "character varying[]",
    "jsonb",
    "json",
    "inet",
    "cidr",
    "bytea",
    "xml",
)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def owners(model: type[models.Model]) -> Iterator[str]:
    """SQL over a row `r` for each person whose row it is."""
    held = held_by_of(model)
    if isinstance(held, HeldBy):
        for kind, sql in held.scopes(model, "r"):
            if kind == "person":
                yield sql
    if model._meta.label in ("accounts.User", "performers.PerformerProfile"):
        yield "r.id"
    subject = getattr(model, "instance_type", None)
    if subject is not None and subject._meta.label in ("accounts.User", "performers.PerformerProfile"):
        yield "r.id"


def values_of(person_id: UUID) -> dict[str, set[tuple[str, str]]]:
    """Every personal value of a person, in lower case, with the tables and columns in which it is theirs.

    Encrypted columns and blind indexes count by their bytes.
    """
    found: dict[str, set[tuple[str, str]]] = {}
    for model in apps.get_models(include_auto_created=True):
        theirs = " OR ".join(f"{sql} = %s" for sql in owners(model))
        if not theirs or not model._meta.managed:
            continue
        hidden = {field.column for field in protected_fields(model)}
        for field in model._meta.concrete_fields:
            personal = privacy_of(field) is not Privacy.NONE or isinstance(field, BlindIndexField)
            if not personal and field.column not in hidden:
                continue
            column, table = f"r.{_quoted(field.column)}", model._meta.db_table
            kind = run(
                "SELECT format_type(atttypid, NULL) FROM pg_attribute "
                "WHERE attrelid = to_regclass(%s) AND attname = %s",
                [table, field.column],
            )[0][0]
            if kind not in TEXTUAL:
                continue
            if kind == "bytea":
                text = f"encode({column}, 'hex')"
            elif kind.endswith("[]"):
                text = f"unnest({column})::text"
            elif kind in ("jsonb", "json"):
                text = f"jsonb_path_query({column}::jsonb, '$.** ? (@.type() == \"string\")') #>> '{{}}'"
            else:
                text = f"{column}::text"
            count = theirs.count("%s")
            for (value,) in run(
                f"SELECT DISTINCT {text} FROM {_quoted(table)} r WHERE {theirs}", [person_id] * count
            ):
                long = value and (len(value) >= SHORTEST or field.name == "handle")
                if long and not IDENTITY.match(value.lower()):
                    found.setdefault(value.lower(), set()).add((table, field.column))
    return found


def tables() -> list[tuple[str, str]]:
    """Schema and name of every table of the project, partitions and the archive included."""
    return run(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname IN ('vbl', 'archive', 'crypt') AND c.relkind IN ('r', 'm') ORDER BY 1, 2"
    )


def places_of(values: list[str]) -> dict[tuple[str, str], set[str]]:
    """In which columns of which tables one of the values stands, whatever the type; partitions by their parent."""
    found: dict[tuple[str, str], set[str]] = {}
    parents = dict(
        run(
            "SELECT c.relname, p.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "JOIN pg_class p ON p.oid = i.inhparent"
        )
    )
    for schema, table in tables():
        whole = f"{_quoted(schema)}.{_quoted(table)}"
        hits = run(
            f"SELECT v FROM unnest(%s::text[]) v WHERE EXISTS "
            f"(SELECT FROM {whole} r WHERE strpos(lower(r::text), v) > 0)",
            [values],
        )
        if not hits:
            continue
        columns: Any = run(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [whole],
        )
        for (column,) in columns:
            for (value,) in run(
                f"SELECT v FROM unnest(%s::text[]) v WHERE EXISTS "
                f"(SELECT FROM {whole} r WHERE strpos(lower(r.{_quoted(column)}::text), v) > 0)",
                [[value for (value,) in hits]],
            ):
                found.setdefault((parents.get(table, table), column), set()).add(value)
    return found


def common_among(theirs: dict[str, set[tuple[str, str]]], person_id: UUID) -> set[str]:
    """Those of the values that prove nothing: they stand in the same column of somebody else's row, or are words of
    the house, which name what every table and every action is.
    """
    models_of = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    words = "SELECT string_agg(words, ' ') FROM audit_{}"
    house = " ".join(run(words.format(table))[0][0].lower() for table in ("action", "retentionpolicy"))
    common = {value for value in theirs if value in house}
    for value, places in theirs.items():
        for table, column in places:
            mine = " OR ".join(f"{sql} = %s" for sql in owners(models_of[table]))
            if run(
                f"SELECT 1 FROM {_quoted(table)} r WHERE strpos(lower(r.{_quoted(column)}::text), %s) > 0 "
                f"AND ({mine}) IS NOT TRUE LIMIT 1",
                [value, *[person_id] * mine.count("%s")],
            ):
                common.add(value)
    return common
