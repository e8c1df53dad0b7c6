"""From what somebody asks for to what will be done: every refusal that can be said before anything is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from audit.decision_errors import EffectRefused
from audit.effects import EFFECTS
from audit.effects.definition import Effect, EffectRequest
from audit.models import Case
from audit.moderation_choices import EffectKind, SubjectKind
from core.db.clock import database_now
from core.db.context import current_role
from core.db.roles import Role

LONGEST = timedelta(days=1830)
"""Nothing ends later than in five years; what is to last longer has no end."""

LONGEST_OF_MODERATORS = timedelta(days=30)
"""Longer suspensions are for lead moderators."""


@dataclass(frozen=True)
class PlannedEffect:
    """An effect on its target."""

    effect: Effect
    target_id: UUID
    ends_at: datetime | None

    @property
    def label(self) -> str:
        """What it is called."""
        return str(self.effect.kind.label)

    @property
    def words(self) -> str:
        """What the person concerned reads of it."""
        return self.effect.words(self.ends_at)


def effects_plan(case: Case, requests: Sequence[EffectRequest]) -> list[PlannedEffect]:
    """The effects in the order in which their targets are locked.

    Raises EffectRefused: two contradict, one does not fit the subject, ends in the past or at all, or is for others.
    """
    planned = [_planned(case, request) for request in requests]
    taken: dict[tuple[str, UUID], PlannedEffect] = {}
    for item in planned:
        place = (item.effect.facts.slot, item.target_id)
        if place in taken:
            raise EffectRefused(
                f"These contradict each other: {taken[place].label} and {item.label}. Choose one of them."
            )
        taken[place] = item
    _refuse_ends(planned)
    return sorted(
        planned,
        key=lambda item: (item.effect.facts.target, item.target_id, list(EFFECTS).index(item.effect.kind)),
    )


def _planned(case: Case, request: EffectRequest) -> PlannedEffect:
    kind = EffectKind(request.kind)
    effect = EFFECTS[kind]
    target = effect.facts.target
    if current_role() not in (None, *effect.roles):
        raise EffectRefused(f"Your role does not decide this: {kind.label}. Escalate the case.")
    if request.target_kind not in (None, target):
        raise EffectRefused(f"{kind.label}: this acts on another kind of thing. Choose its target again.")
    if request.target_id is not None:
        return PlannedEffect(effect, request.target_id, request.ends_at)
    subject = SubjectKind(case.subject_kind)
    if subject not in effect.admits:
        raise EffectRefused(
            f"{kind.label}: the case is about another kind of thing ({subject.label.lower()}). Say on which one."
        )
    own = target in (SubjectKind.PERSON, SubjectKind.PROFILE)
    return PlannedEffect(effect, case.person_id if own else case.subject_id, request.ends_at)


def _refuse_ends(planned: Sequence[PlannedEffect]) -> None:
    now = database_now()
    moderator = current_role() == Role.MODERATOR
    for item in planned:
        if item.ends_at is not None and not item.effect.may_end:
            raise EffectRefused(f"{item.label}: this does not end by itself. Leave the end empty.")
        if item.ends_at is not None and not now < item.ends_at <= now + LONGEST:
            raise EffectRefused(
                f"{item.label}: an end lies in the future, within five years. Leave it empty for no end."
            )
        too_long = item.ends_at is None or item.ends_at > now + LONGEST_OF_MODERATORS
        if moderator and item.effect.kind is EffectKind.SUSPEND and too_long:
            raise EffectRefused(
                "Lead moderators suspend for more than 30 days or without an end. Set an end, or escalate the case."
            )
