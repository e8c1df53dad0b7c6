"""The same key and the same arguments give the first answer; other arguments are refused."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model

from billing.errors import KeyReused
from billing.models import IdempotencyRecord
from core.db.refusals import refused_as
from core.models.identity import uuid7

M = TypeVar("M", bound=Model)

CLAIM = (
    "INSERT INTO billing_idempotencyrecord (id, operation, key, request_hash, response) "
    "VALUES (%s, %s, %s, %s, '{}') ON CONFLICT (operation, key) DO NOTHING RETURNING id"
)


def once(
    model: type[M],
    act: Callable[[], M],
    *,
    operation: str,
    key: str | None,
    arguments: Mapping[str, Any],
) -> tuple[M, bool]:
    """Do `act` unless it was done by this key; returns its row, and whether it was done now. Runs as the worker.

    The key is claimed first: a second call at the same moment waits for the end of the first one's transaction, then
    finds its answer, or that it failed and nothing was done. Without a key every call is one of its own. Raises
    KeyReused (other arguments; a key that cannot be stored), and what `act` raises.
    """
    if key is None:
        return act(), True
    digest = _digest(arguments)
    with refused_as(KeyReused), connection.cursor() as cursor:
        cursor.execute(CLAIM, [uuid7(), operation, key, digest])
        claimed = cursor.fetchone()
    if claimed is None:
        record = IdempotencyRecord.objects.get(operation=operation, key=key)
        if bytes(record.request_hash) != digest:
            raise KeyReused(
                "This key was used before, with other arguments. Take a new key for a new request."
            )
        return model._base_manager.get(pk=UUID(record.response["id"])), False
    row = act()
    IdempotencyRecord.objects.filter(pk=claimed[0]).update(
        response={"table": row._meta.db_table, "id": str(row.pk)}
    )
    return row, True


def _digest(arguments: Mapping[str, Any]) -> bytes:
    text = json.dumps(arguments, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
