"""What rooms do when something happens to their stream, or is said with a tip."""

import contextlib
from typing import Any

from django.dispatch import receiver

from billing.models import TokenSpend
from core.db.context import acting
from core.db.roles import Role
from engagement.chat_choices import RoomStatus
from engagement.errors import MessageRefused
from engagement.interaction_announcements import tip_message_sent
from engagement.models import ChatRoom, TipMessage
from engagement.services.blocked_terms import findings_in
from engagement.services.chat_messages import chat_tip_show
from streams.announcements import stream_ended, stream_went_live


@receiver(stream_went_live)
def open_room(subject: Any, **_: Any) -> None:
    """Whoever is live has a room; one that is there already is left as it is."""
    ChatRoom.objects.bulk_create(
        [ChatRoom(stream_id=subject.pk, performer_id=subject.performer_id)], ignore_conflicts=True
    )


@receiver(stream_ended)
def close_room(subject: Any, actor: Any, **_: Any) -> None:
    """When a stream is over its room closes, whoever ended it; its performer may open it again."""
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        ChatRoom.objects.filter(stream_id=subject.pk, status=RoomStatus.OPEN).update(status=RoomStatus.CLOSED)


@receiver(tip_message_sent)
def show_tip(subject: TipMessage, spend: TokenSpend, **_: Any) -> None:
    """The chat shows what was said with a tip. Words that the room does not take are left out; the tip stands."""
    if subject.stream_id is None:
        return
    room = ChatRoom.objects.filter(stream_id=subject.stream_id, hidden_at__isnull=True).first()
    if room is None:
        return
    if findings_in(bodies=[subject.body], performer_ids=[subject.performer_id], room_ids=[room.pk])[0]:
        return
    with contextlib.suppress(MessageRefused):
        chat_tip_show(room_id=room.pk, spend_id=spend.pk, body=subject.body)
