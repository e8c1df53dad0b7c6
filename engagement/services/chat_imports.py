"""Messages of the past, many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from core.db.refusals import refused_as
from engagement.chat_choices import MessageKind
from engagement.chat_drafts import Draft, body_refusal
from engagement.errors import MessageRefused
from engagement.models import ChatMessage, ChatRoom

BATCH = 2_500


@dataclass(frozen=True, kw_only=True)
class PastMessage:
    """A message that was written elsewhere; the instant is that of the id. Without a sender: a line of the system."""

    id: UUID
    room_id: UUID
    sender_id: UUID | None
    body: str
    reply_to_id: UUID | None = None

    @property
    def text(self) -> str:
        """The body as it is kept."""
        return Draft(room_id=self.room_id, sender_id=self.sender_id, body=self.body).text


@transaction.atomic
def chat_messages_import(*, messages: Sequence[PastMessage]) -> int:
    """Take in messages at least an hour old; returns how many are new. Runs as the worker.

    Bans, modes and blocked terms of today do not judge what was said before; what no room takes is refused all the
    same. Locks: nothing. Raises: MessageRefused, with the first text that cannot be: nothing of the batch is written
    then. Announces: nothing.
    """
    wanted = {message.id: message for message in messages}
    if not wanted:
        return 0
    for message in wanted.values():
        if words := body_refusal(message.text):
            raise MessageRefused(words)
    performers = dict(
        ChatRoom.objects.filter(pk__in={message.room_id for message in messages}).values_list(
            "pk", "performer_id"
        )
    )
    present = set(
        ChatMessage.objects.filter(
            id__gte=min(wanted), id__lte=max(wanted), room_id__in=performers, id__in=wanted
        ).values_list("pk", flat=True)
    )
    rows = []
    for key, message in sorted(wanted.items()):
        if key in present:
            continue
        if message.room_id not in performers:
            raise MessageRefused(f"There is no room {message.room_id}.")
        rows.append(
            ChatMessage(
                id=key,
                room_id=message.room_id,
                performer_id=performers[message.room_id],
                sender_id=message.sender_id,
                kind=MessageKind.USER if message.sender_id else MessageKind.SYSTEM,
                body=message.text,
                reply_to_id=message.reply_to_id,
            )
        )
    with refused_as(MessageRefused):
        ChatMessage.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)
