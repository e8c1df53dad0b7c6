"""Effects on what is written in rooms, and on rooms."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from audit.effects.definition import DECIDERS, CarriedOut, Effect, TakenBack, final, lapsed
from audit.models import DecisionEffect
from audit.moderation_choices import EffectKind, SubjectKind
from engagement.chat_choices import MessageStatus
from engagement.models import ChatMessage, ChatRoom
from engagement.services.chat_messages import message_remove, message_restore
from engagement.services.rooms import room_hide, room_show


class ChatMessageHide(Effect):
    """Removes a message from its room; it comes back by a reversal, as long as it is kept."""

    kind = EffectKind.CHAT_MESSAGE_HIDE
    admits = frozenset({SubjectKind.CHAT_MESSAGE})
    roles = DECIDERS

    def carry_out(self, *, target_id: UUID, actor: User, reason: str, ends_at: datetime | None) -> CarriedOut:
        removed = message_remove(message_id=target_id, actor=actor, reason=reason)
        return CarriedOut(before={"moderated_at": _since(removed)})

    def undo(self, effect: DecisionEffect, *, actor: User, reason: str) -> TakenBack:
        message = ChatMessage.objects.select_for_update().filter(pk=effect.target_id).first()
        if message is None:
            return final("The message was deleted when its time was over.")
        if message.status != MessageStatus.REMOVED or _since(message) != effect.before["moderated_at"]:
            return lapsed("A colleague has decided about it since.")
        message_restore(message_id=message.pk, actor=actor, reason=reason)
        return TakenBack(applied_to=message.pk)

    def words(self, ends_at: datetime | None) -> str:
        return "The message is removed from the chat."


def _since(message: ChatMessage) -> str:
    """Since when it is removed: by it, a later removal is told from this one."""
    return message.moderated_at.isoformat() if message.moderated_at else ""


class ChatRoomHide(Effect):
    """Takes a room from everybody but staff; nobody writes or reads in it."""

    kind = EffectKind.CHAT_ROOM_HIDE
    admits = frozenset({SubjectKind.CHAT_ROOM})

    def carry_out(self, *, target_id: UUID, actor: User, reason: str, ends_at: datetime | None) -> CarriedOut:
        hidden = room_hide(room_id=target_id, actor=actor, reason=reason)
        return CarriedOut(before={"hidden_at": _hidden_since(hidden)})

    def undo(self, effect: DecisionEffect, *, actor: User, reason: str) -> TakenBack:
        room = ChatRoom.objects.select_for_update().get(pk=effect.target_id)
        if room.hidden_at is None or _hidden_since(room) != effect.before["hidden_at"]:
            return lapsed("A colleague has shown it again since.")
        room_show(room_id=room.pk, actor=actor, reason=reason)
        return TakenBack(applied_to=room.pk)

    def words(self, ends_at: datetime | None) -> str:
        return "The chat room is hidden from everybody."


def _hidden_since(room: ChatRoom) -> str:
    return room.hidden_at.isoformat() if room.hidden_at else ""


EFFECTS: tuple[Effect, ...] = (ChatMessageHide(), ChatRoomHide())
