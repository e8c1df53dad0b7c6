"""Effects on streams."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from audit.effects.definition import CarriedOut, Effect, TakenBack, final, lapsed
from audit.models import DecisionEffect
from audit.moderation_choices import EffectKind, SubjectKind
from streams.models import Stream
from streams.services.broadcasts import stream_end
from streams.services.visibility import stream_hide, stream_show


class StreamEnd(Effect):
    """Ends a stream that is on air. What viewers did not see cannot be shown afterwards: this is for good."""

    kind = EffectKind.STREAM_END
    admits = frozenset({SubjectKind.STREAM})

    def carry_out(self, *, target_id: UUID, actor: User, reason: str, ends_at: datetime | None) -> CarriedOut:
        stream_end(stream_id=target_id, actor=actor, reason=reason)
        return CarriedOut()

    def undo(self, effect: DecisionEffect, *, actor: User, reason: str) -> TakenBack:
        return final("A stream that was ended does not go on.")

    def words(self, ends_at: datetime | None) -> str:
        return "The stream was ended."


class StreamHide(Effect):
    """Hides a stream from everybody but its performer and staff."""

    kind = EffectKind.STREAM_HIDE
    admits = frozenset({SubjectKind.STREAM})

    def carry_out(self, *, target_id: UUID, actor: User, reason: str, ends_at: datetime | None) -> CarriedOut:
        visibility = Stream.all_objects.values_list("visibility", flat=True).filter(pk=target_id).first()
        hidden = stream_hide(stream_id=target_id, actor=actor, reason=reason)
        return CarriedOut(before={"visibility": visibility, "hidden_at": _since(hidden)})

    def undo(self, effect: DecisionEffect, *, actor: User, reason: str) -> TakenBack:
        stream = Stream.all_objects.select_for_update().get(pk=effect.target_id)
        if stream.deleted_at is not None:
            return lapsed("The performer has deleted it.")
        if stream.hidden_at is None or _since(stream) != effect.before["hidden_at"]:
            return lapsed("A colleague has shown it again since.")
        stream_show(stream_id=stream.pk, visibility=effect.before["visibility"], actor=actor, reason=reason)
        return TakenBack(applied_to=stream.pk)

    def words(self, ends_at: datetime | None) -> str:
        return "The stream is hidden from everybody but you."


def _since(stream: Stream) -> str:
    """Since when staff hide a stream: by it, a later hiding is told from this one."""
    return stream.hidden_at.isoformat() if stream.hidden_at else ""


EFFECTS: tuple[Effect, ...] = (StreamEnd(), StreamHide())
