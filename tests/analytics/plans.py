"""Which tables queries touch, by their plans."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import ProgrammingError, connection

from core.db.context import acting
from core.db.roles import Role

RAW = (
    ("analytics", "PlaybackEvent"),
    ("analytics", "ViewerSession"),
    ("analytics", "PlaybackViewer"),
    ("engagement", "ChatMessage"),
    ("engagement", "Follow"),
    ("billing", "TokenSpend"),
    ("billing", "Posting"),
    ("billing", "JournalEntry"),
    ("streams", "ViewerCountSample"),
)
"""What pages of insight may not read: rows that come with every viewer, line or coin."""

RAW_TABLES = frozenset(
    model._meta.db_table
    for app, name in RAW
    for model in apps.get_app_config(app).get_models()
    if model.__name__ == name
)


def tables_read(statements: Iterable[str], role: Role | None, user_id: UUID | None) -> set[str]:
    """The tables in the plans of the SELECTs among `statements`, as `role` asks them; partitions by their parent."""
    found: set[str] = set()
    for statement in statements:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            found |= set(_relations(_plan(statement, role, user_id)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT i.inhrelid::regclass::text, i.inhparent::regclass::text FROM pg_inherits i")
        parents = dict(cursor.fetchall())
    return {parents.get(table, table) for table in found}


def _plan(statement: str, role: Role | None, user_id: UUID | None) -> Any:
    # Values are in the statement already.
    question = "EXPLAIN (FORMAT JSON) " + statement.replace("%", "%%")
    if role is not None:
        # Sessions and grants of roles were read as the login role, which may read what `role` may not.
        with suppress(ProgrammingError), acting(role, user_id=user_id), connection.cursor() as cursor:
            cursor.execute(question, [])
            return _json(cursor)
    with connection.cursor() as cursor:
        cursor.execute(question, [])
        return _json(cursor)


def _json(cursor: Any) -> Any:
    (plan,) = cursor.fetchone()
    return json.loads(plan) if isinstance(plan, str) else plan


def _relations(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict):
        if "Relation Name" in plan:
            yield plan["Relation Name"]
        for value in plan.values():
            yield from _relations(value)
    elif isinstance(plan, list):
        for value in plan:
            yield from _relations(value)
