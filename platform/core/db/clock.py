"""The clock of the database, which decides what is in force."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """The present instant (UTC) by the database's clock.

    Periods begin and end by it: queries compare them with `Now()`, and a server's own clock that runs ahead
    would make a period that begins now lie in the future.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        return cursor.fetchone()[0]
