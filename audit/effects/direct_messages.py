"""Effects on private messages. No words are read to carry one out."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from audit.effects.definition import CarriedOut, Effect, TakenBack, lapsed
from audit.models import DecisionEffect
from audit.moderation_choices import EffectKind, SubjectKind
from engagement.errors import PrivateMessageRefused
from engagement.services.direct_messages import direct_message_hide, direct_message_restore


class DirectMessageHide(Effect):
    """Takes a private message from its recipient; its sender still sees it, as hidden."""

    kind = EffectKind.DIRECT_MESSAGE_HIDE
    admits = frozenset({SubjectKind.DIRECT_MESSAGE})

    def carry_out(self, *, target_id: UUID, actor: User, reason: str, ends_at: datetime | None) -> CarriedOut:
        direct_message_hide(message_id=target_id, actor=actor, reason=reason)
        return CarriedOut()

    def undo(self, effect: DecisionEffect, *, actor: User, reason: str) -> TakenBack:
        try:
            direct_message_restore(message_id=effect.target_id, actor=actor, reason=reason)
        except PrivateMessageRefused:
            return lapsed("It was erased since, or a colleague has restored it.")
        return TakenBack()

    def words(self, ends_at: datetime | None) -> str:
        return "The private message is hidden from the person who received it."


EFFECTS: tuple[Effect, ...] = (DirectMessageHide(),)
