"""The messages of a marathon into its room."""

from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from itertools import islice
from uuid import UUID

from analytics.datasets.marathons.messages import Message, messages_of
from analytics.datasets.marathons.standing import Standing
from core.db.context import acting
from core.db.roles import Role
from engagement.services.chat_imports import PastMessage, chat_messages_import
from engagement.services.rooms import room_open

BATCH = 2_500


def marathon_messages_load(
    *,
    standing: Standing,
    scale: Fraction,
    seed: int,
    since: date,
    until: date,
    people: list[UUID],
    progress: Callable[[int], None] = lambda written: None,
) -> int:
    """Write the messages of days (UTC) into the room of the stream; how many are new.

    One transaction a batch; a second run writes nothing. Raises: MessageRefused.
    """
    found = messages_of(
        standing.curve,
        scale=scale,
        seed=seed,
        people=people,
        moved=standing.moved,
        since=since,
        until=until,
    )
    written = 0
    with acting(Role.WORKER):
        room = room_open(stream_id=standing.stream.pk, actor=None)
    for batch in _batches(found):
        with acting(Role.WORKER):
            written += chat_messages_import(
                messages=[
                    PastMessage(id=message.id, room_id=room.pk, sender_id=message.sender, body=message.text)
                    for message in batch
                ]
            )
        progress(written)
    return written


def _batches(messages: Iterator[Message]) -> Iterator[list[Message]]:
    while batch := list(islice(messages, BATCH)):
        yield batch
