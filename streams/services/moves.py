"""Moves of a stream's state: the reason reaches the record that the database writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from core.db.refusals import refused_as
from streams.choices import StreamStatus
from streams.errors import StreamRefused
from streams.models import Stream


def _say(reason: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.move_reason', %s, true)", [reason])


@contextmanager
def because(reason: str) -> Iterator[None]:
    """Record this reason with every move of the block; a failing block is rolled back, and the setting with it."""
    _say(reason)
    yield
    _say("")


def stream_move(stream: Stream, status: StreamStatus, *, reason: str = "", **changes: Any) -> Stream:
    """Move a locked stream and save what changes with it.

    Raises IllegalTransition with a sentence, or StreamRefused for what the database refuses.
    """
    Stream.status_machine.check(stream.status, status)
    stream.status = status
    for name, value in changes.items():
        setattr(stream, name, value)
    stream._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(StreamRefused), because(reason):
        stream.save(update_fields=["status", *changes])
    return stream
