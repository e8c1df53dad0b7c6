"""Short waits for locks, several times: DDL that waits long stops every query that queues behind it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import errors

LOCK_TIMEOUT = "1s"
"""For each lock. An action holds those it has while it waits for the next, and others queue behind each: all together
stay below the time-out for locks of `vbl_app`."""

ATTEMPTS = 8
PAUSE_SECONDS = 0.5

Result = TypeVar("Result")


def insist(connection: BaseDatabaseWrapper, action: Callable[[], Result]) -> Result:
    """Run `action` in a transaction (a savepoint, inside one) that waits a second for each lock.

    Tries eight times. Raises the last OperationalError when the lock is never to be had; other errors at once.
    """

    def attempt() -> Result:
        with transaction.atomic(using=connection.alias), brief_locks(connection):
            return action()

    return retry(attempt)


def retry(attempt: Callable[[], Result]) -> Result:
    """Call `attempt` up to eight times, as long as it fails because somebody else holds a lock."""
    for number in range(1, ATTEMPTS):
        try:
            return attempt()
        except OperationalError as error:
            if not is_lock_failure(error):
                raise
            time.sleep(PAUSE_SECONDS * number)
    return attempt()


def is_lock_failure(error: Exception) -> bool:
    """Whether a statement failed because somebody else held a lock."""
    return isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected)


@contextmanager
def brief_locks(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Wait only briefly for locks until the block ends; an exception rolls the setting back."""
    before = _setting(connection, "lock_timeout")
    _set(connection, "lock_timeout", LOCK_TIMEOUT, local=True)
    yield
    _set(connection, "lock_timeout", before, local=True)


@contextmanager
def session_waits(connection: BaseDatabaseWrapper, lock_timeout: str) -> Iterator[None]:
    """Set the wait for locks for a statement that refuses a transaction, and put back what it was.

    The statement itself may take as long as it needs: an interrupted one must be finished later.
    """
    names = ("lock_timeout", "statement_timeout", "transaction_timeout")
    before = {name: _setting(connection, name) for name in names}
    wanted = dict.fromkeys(names, "0") | {"lock_timeout": lock_timeout}
    try:
        for name, value in wanted.items():
            _set(connection, name, value, local=False)
        yield
    finally:
        for name, value in before.items():
            _set(connection, name, value, local=False)


def _setting(connection: BaseDatabaseWrapper, name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting(%s)", [name])
        return cursor.fetchone()[0]


def _set(connection: BaseDatabaseWrapper, name: str, value: str, *, local: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config(%s, %s, %s)", [name, value, local])
