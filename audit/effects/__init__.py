"""What decisions do: one entry per kind of effect, each carried out and undone by the app that owns its target.

A later floor joins by a file of its own and a line in `EFFECTS`.
"""

from audit.effects import archives, chat, direct_messages, people, profiles, streams
from audit.effects.definition import CarriedOut, Effect, EffectRequest, TakenBack
from audit.moderation_choices import EffectKind

EFFECTS: dict[EffectKind, Effect] = {
    effect.kind: effect
    for effect in (
        *people.EFFECTS,
        *profiles.EFFECTS,
        *streams.EFFECTS,
        *archives.EFFECTS,
        *chat.EFFECTS,
        *direct_messages.EFFECTS,
    )
}
"""Every effect by its kind."""

__all__ = ["EFFECTS", "CarriedOut", "Effect", "EffectRequest", "TakenBack"]
