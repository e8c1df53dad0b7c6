"""Which tables queries touch, by their plans."""

import json
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection

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
    with acting(role, user_id=user_id) if role else nullcontext(), connection.cursor() as cursor:
        for statement in statements:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                # Values are in the statement already.
                cursor.execute("EXPLAIN (FORMAT JSON) " + statement.replace("%", "%%"), [])
                (plan,) = cursor.fetchone()
                found |= set(_relations(json.loads(plan) if isinstance(plan, str) else plan))
        cursor.execute("SELECT i.inhrelid::regclass::text, i.inhparent::regclass::text FROM pg_inherits i")
        parents = dict(cursor.fetchall())
    return {parents.get(table, table) for table in found}


def _relations(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict):
        if "Relation Name" in plan:
            yield plan["Relation Name"]
        for value in plan.values():
            yield from _relations(value)
    elif isinstance(plan, list):
        for value in plan:
            yield from _relations(value)
