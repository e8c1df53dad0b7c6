"""Rows of one person, handed out by the database while a request of that person is running.

`personal_rows_open` checks the request, and opens a cursor over the query that the map gives for the table; rows come
in batches, so that neither side holds more than one.
"""

from collections.abc import Iterator
from uuid import UUID

from django.db import connection

CURSOR = "personal_rows"
BATCH = 1000


def relations(table: str) -> list[str]:
    """The table, and those of its partitions that were detached and are kept in the schema `archive`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'archive' AND c.relkind = 'r' AND c.relname ~ %s ORDER BY 1",
            [f"^{table}_p[0-9_]+$"],
        )
        return [table, *(f"archive.{name}" for (name,) in cursor.fetchall())]


def batches(request_id: UUID, table: str, relation: str, salt: str) -> Iterator[list[str]]:
    """Rows as JSON, at most `BATCH` at a time. Runs as the worker, with the keys in force.

    Raises `django.db.IntegrityError` where no request of that id is running, KeyMissing for what no key here opens.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT personal_rows_open(%s, %s, %s, %s)", [request_id, table, relation, salt])
        while True:
            cursor.execute(f"FETCH FORWARD {BATCH} FROM {CURSOR}")
            lines = [line for (line,) in cursor.fetchall()]
            if lines:
                yield lines
            if len(lines) < BATCH:
                break
        cursor.execute(f"CLOSE {CURSOR}")
