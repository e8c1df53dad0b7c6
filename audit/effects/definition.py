"""What an effect of a decision is made of."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from accounts.models import User
from audit.effect_kinds import EFFECT_FACTS, EffectFacts
from audit.models import DecisionEffect
from audit.moderation_choices import EffectKind, EffectResult, SubjectKind
from core.db.roles import Role

DECIDERS = frozenset({Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE})
"""Roles that decide cases."""

MODERATORS = frozenset({Role.MODERATOR, Role.LEAD_MODERATOR})
"""Roles that change streams, archives and profiles."""


@dataclass(frozen=True, kw_only=True)
class EffectRequest:
    """An effect that somebody asks for. Without a target: the subject of the case, or its person."""

    kind: EffectKind
    target_kind: SubjectKind | None = None
    target_id: UUID | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CarriedOut:
    """What an effect did: the row of the owning app that carries it, and what was there before."""

    applied_to: UUID | None = None
    before: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TakenBack:
    """How the undoing of an effect ended, and why it found nothing to undo, where it did."""

    result: EffectResult = EffectResult.DONE
    applied_to: UUID | None = None
    words: str = ""


def lapsed(words: str) -> TakenBack:
    """Nothing of the effect is left, or what is left is somebody else's."""
    return TakenBack(result=EffectResult.LAPSED, words=words)


def final(words: str) -> TakenBack:
    """The effect cannot be undone."""
    return TakenBack(result=EffectResult.FINAL, words=words)


class Effect(ABC):
    """One kind of effect. Carries out and undoes by services of the app that owns the target, never by itself."""

    kind: ClassVar[EffectKind]
    admits: ClassVar[frozenset[SubjectKind]]
    """Subjects of cases on which it can be decided without naming a target."""
    roles: ClassVar[frozenset[Role]] = MODERATORS
    may_end: ClassVar[bool] = False
    """Whether it can end by itself."""

    @property
    def facts(self) -> EffectFacts:
        """Axis, slot and kind of the target."""
        return EFFECT_FACTS[self.kind]

    @abstractmethod
    def carry_out(self, *, target_id: UUID, actor: User, reason: str, ends_at: datetime | None) -> CarriedOut:
        """Do it, by a service of the owning app. Raises what that refuses, and EffectRefused."""

    @abstractmethod
    def undo(self, effect: DecisionEffect, *, actor: User, reason: str) -> TakenBack:
        """Take back exactly what `effect` did, if it is still there and still its own."""

    @abstractmethod
    def words(self, ends_at: datetime | None) -> str:
        """What was done, as the person concerned reads it: one line."""


def until(ends_at: datetime | None) -> str:
    """The end of a restriction, in words."""
    return f"until {ends_at:%Y-%m-%d %H:%M} UTC" if ends_at else "until it is lifted"
