"""Why a case moves, told to the trigger that records the move."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

LONGEST = 4000


@contextmanager
def moving_because(reason: str) -> Iterator[None]:
    """Moves of cases in this block are recorded with `reason`, in the same transaction only."""
    _set(reason.strip()[:LONGEST])
    yield
    # When the block fails, the roll-back takes the setting back.
    _set("")


def _set(words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.move_reason', %s, true)", [words])
