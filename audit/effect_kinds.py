"""What each kind of effect is: its axis in a statement of reasons, what it acts on, and what kind of thing it hits.

Checked by the database, and completed by `audit.effects` with how it is carried out and undone.
"""

from typing import NamedTuple

from django.db.models import Q

from audit.moderation_choices import EffectAxis, EffectKind, EffectSlot, StrikeAction, SubjectKind


class EffectFacts(NamedTuple):
    """What follows from the kind of an effect."""

    axis: EffectAxis
    slot: EffectSlot
    target: SubjectKind


EFFECT_FACTS: dict[EffectKind, EffectFacts] = {
    EffectKind.WARN: EffectFacts(EffectAxis.NONE, EffectSlot.WARNING, SubjectKind.PERSON),
    EffectKind.BAR_CHAT: EffectFacts(EffectAxis.SERVICE, EffectSlot.CHAT, SubjectKind.PERSON),
    EffectKind.BAR_STREAM: EffectFacts(EffectAxis.SERVICE, EffectSlot.STREAM, SubjectKind.PERSON),
    EffectKind.BAR_TIP: EffectFacts(EffectAxis.MONETARY, EffectSlot.TIP, SubjectKind.PERSON),
    EffectKind.BAR_UPLOAD: EffectFacts(EffectAxis.SERVICE, EffectSlot.UPLOAD, SubjectKind.PERSON),
    EffectKind.BAR_MESSAGE: EffectFacts(EffectAxis.SERVICE, EffectSlot.MESSAGE, SubjectKind.PERSON),
    EffectKind.BAR_REPORT: EffectFacts(EffectAxis.SERVICE, EffectSlot.REPORT, SubjectKind.PERSON),
    EffectKind.SUSPEND: EffectFacts(EffectAxis.ACCOUNT, EffectSlot.SIGN_IN, SubjectKind.PERSON),
    EffectKind.PROFILE_CLEAR: EffectFacts(EffectAxis.VISIBILITY, EffectSlot.WORDS, SubjectKind.PROFILE),
    EffectKind.STREAM_END: EffectFacts(EffectAxis.VISIBILITY, EffectSlot.BROADCAST, SubjectKind.STREAM),
    EffectKind.STREAM_HIDE: EffectFacts(EffectAxis.VISIBILITY, EffectSlot.VISIBILITY, SubjectKind.STREAM),
    EffectKind.ARCHIVE_RESTRICT: EffectFacts(
        EffectAxis.VISIBILITY, EffectSlot.VISIBILITY, SubjectKind.ARCHIVE
    ),
    EffectKind.ARCHIVE_REMOVE: EffectFacts(EffectAxis.VISIBILITY, EffectSlot.VISIBILITY, SubjectKind.ARCHIVE),
    EffectKind.CHAT_MESSAGE_HIDE: EffectFacts(
        EffectAxis.VISIBILITY, EffectSlot.VISIBILITY, SubjectKind.CHAT_MESSAGE
    ),
    EffectKind.CHAT_ROOM_HIDE: EffectFacts(
        EffectAxis.VISIBILITY, EffectSlot.VISIBILITY, SubjectKind.CHAT_ROOM
    ),
    EffectKind.DIRECT_MESSAGE_HIDE: EffectFacts(
        EffectAxis.VISIBILITY, EffectSlot.VISIBILITY, SubjectKind.DIRECT_MESSAGE
    ),
}

ACTION_EFFECTS: dict[StrikeAction, EffectKind] = {action: EffectKind(action.value) for action in StrikeAction}
"""The effect by which a proposed action of the ladder is accepted."""


def facts_agree() -> Q:
    """The condition that axis, slot and kind of target are those of the kind."""
    agree = Q()
    for kind, facts in EFFECT_FACTS.items():
        agree |= Q(kind=kind, axis=facts.axis, slot=facts.slot, target_kind=facts.target)
    return agree
