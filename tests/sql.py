"""Raw SQL, as somebody would write it who has never heard of the services."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction


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
