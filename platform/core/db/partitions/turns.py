"""Partitions of a table are taken away by one process at a time.

PostgreSQL refuses a second detachment while one is pending, and finishing what another process is still about makes
that one fail. The lock belongs to the session: a process that ends, however it ends, gives it back.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

from core.db.partitions import patience
from core.db.partitions.catalog import PartitionedTable
from core.db.partitions.errors import PartitionError

KEY = "hashtextextended('partitions leave', %s)"


@contextmanager
def own_turn(connection: BaseDatabaseWrapper, table: PartitionedTable) -> Iterator[None]:
    """Run the block as the only process that takes partitions of the table away.

    Asks several times. Raises PartitionError when another process never ends.
    """
    for number in range(1, patience.ATTEMPTS + 1):
        with turn_if_free(connection, table) as free:
            if free:
                yield
                return
        # No waiting inside of PostgreSQL: the other process may wait for every statement that runs.
        time.sleep(patience.PAUSE_SECONDS * number)
    raise PartitionError(
        f"Another process takes partitions of {table.name} away. Leave it to that one, or try again when it has ended."
    )


@contextmanager
def turn_if_free(connection: BaseDatabaseWrapper, table: PartitionedTable) -> Iterator[bool]:
    """Run the block with the turn, or without it (False) when another process has it. Within one's own it is free."""
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_try_advisory_lock({KEY})", [table.oid])
        (free,) = cursor.fetchone()
    try:
        yield free
    finally:
        # A connection that was lost has given it back.
        if free and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(f"select pg_advisory_unlock({KEY})", [table.oid])
