"""Keeps a detachment from holding up those who write to the tables that its partition refers to.

At its end DETACH locks every table that a foreign key of the partition names. Whoever writes there queues behind a
lock that is waited for, and gives up sooner than a detachment should give up waiting for its readers. PostgreSQL has
one time-out for both, so somebody watches.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress

from django.db import Error, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import errors

from core.db.partitions import patience

LOOKS_PER_SECOND = 10
CANCEL = """
select pg_cancel_backend(l.pid) from pg_locks l
where l.pid = %s and not l.granted and l.locktype = 'relation' and l.relation = any (%s::oid[])
  and l.waitstart < clock_timestamp() - %s::interval
"""


@contextmanager
def bystanders_go_on(connection: BaseDatabaseWrapper, tables: Sequence[int]) -> Iterator[None]:
    """Within the block, a statement that waits longer than `LOCK_TIMEOUT` for one of the tables is cancelled.

    Outside of any transaction. Raises OperationalError as a time-out for a lock does when that ended the statement.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (process,) = cursor.fetchone()
    done, cancelled = threading.Event(), threading.Event()
    with closing(connection.copy()) as other, other.cursor() as eye:
        # Only the login itself may cancel what it runs.
        eye.execute("set role none")
        other.inc_thread_sharing()

        def watch() -> None:
            # Without its connection it ends; so does, most likely, the statement that it watches.
            with suppress(Error):
                while not done.wait(1 / LOOKS_PER_SECOND):
                    eye.execute(CANCEL, [process, list(tables), patience.LOCK_TIMEOUT])
                    if eye.fetchone():
                        cancelled.set()

        watcher = threading.Thread(target=watch, name="bystanders")
        watcher.start()
        try:
            try:
                yield
            finally:
                # First of all: only then is it known whether it cancelled.
                done.set()
                watcher.join()
        except OperationalError as error:
            if isinstance(error.__cause__, errors.QueryCanceled) and cancelled.is_set():
                raise OperationalError(*error.args) from errors.LockNotAvailable(*error.args)
            raise
