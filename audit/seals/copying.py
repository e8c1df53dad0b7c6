"""Reading by the million: rows come as PostgreSQL makes them, and none is kept."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection
from psycopg import sql


def copied(statement: str, values: Mapping[str, Any], types: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a SELECT, in which `{name}` stands for each value; `types` are those of its columns.

    COPY streams without a cursor of the server, but takes no parameters: values are written as literals by psycopg.
    Read the rows to their end: nothing else can be asked on the connection before, and leaving them aborts the
    transaction.
    """
    connection.ensure_connection()
    query = sql.SQL("COPY ({}) TO STDOUT (FORMAT BINARY)").format(
        sql.SQL(statement).format(**{name: sql.Literal(value) for name, value in values.items()})  # type: ignore[arg-type]
    )
    with (
        connection.wrap_database_errors,
        connection.connection.cursor() as cursor,
        cursor.copy(query) as copy,
    ):
        copy.set_types(types)
        yield from copy.rows()
