"""Raw SQL, as somebody would write it who has never heard of the services."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from core.encryption.fields import protected_fields


def run(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Execute a statement and return its rows, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))
        return cursor.fetchall() if cursor.description else []


def affected(statement: str, parameters: Sequence[Any] = ()) -> int:
    """Execute a statement and return how many rows it hit."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))
        return cursor.rowcount


@contextmanager
def refused(match: str) -> Iterator[None]:
    """The database refuses the block, and says `match`; the transaction goes on."""
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        yield


def protected_columns_read(statement: str) -> set[str]:
    """Encrypted and sealed columns, as `table.column`, that a statement of the ORM names under any alias."""
    tables = {model._meta.db_table: model for model in apps.get_models()}
    stands_for = {alias: table for table, alias in re.findall(r'"(\w+)" ([A-Z]+\d+)\b', statement)}
    named = {
        f"{stands_for.get(qualifier, qualifier)}.{column}"
        for qualifier, column in re.findall(r'"?(\w+)"?\."(\w+)"', statement)
    }
    protected = {
        f"{table}.{field.column}" for table, model in tables.items() for field in protected_fields(model)
    }
    return named & protected
