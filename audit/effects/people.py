"""Effects on people: warnings, bars, suspensions."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from accounts.choices import RestrictionKind, UserStatus
from accounts.errors import AlreadyEnded
from accounts.models import Restriction, User
from accounts.services.restrictions import (
    restriction_lift,
    restriction_place,
    user_reinstate,
    user_suspend,
)
from audit.decision_errors import EffectRefused
from audit.effects.definition import DECIDERS, CarriedOut, Effect, TakenBack, lapsed, until
from audit.models import DecisionEffect
from audit.moderation_choices import EffectKind, SubjectKind

EVERY_SUBJECT = frozenset(SubjectKind)
"""Whatever a case is about, it is somebody's."""

ENDED = "It had ended before, or was lifted by a colleague."


class Warn(Effect):
    """The person is told, and the strike counts; nothing is restricted."""

    kind = EffectKind.WARN
    admits = EVERY_SUBJECT
    roles = DECIDERS

    def carry_out(self, *, target_id: UUID, actor: User, reason: str, ends_at: datetime | None) -> CarriedOut:
        return CarriedOut()

    def undo(self, effect: DecisionEffect, *, actor: User, reason: str) -> TakenBack:
        return TakenBack()

    def words(self, ends_at: datetime | None) -> str:
        return "You are warned."


class Bar(Effect):
    """A restriction of `accounts`, for a time or until it is lifted."""

    admits = EVERY_SUBJECT
    roles = DECIDERS
    may_end = True
    restriction: ClassVar[RestrictionKind]

    def carry_out(self, *, target_id: UUID, actor: User, reason: str, ends_at: datetime | None) -> CarriedOut:
        placed = restriction_place(
            user_id=target_id, kind=self.restriction, actor=actor, reason=reason, until=ends_at
        )
        return CarriedOut(applied_to=placed.pk)

    def undo(self, effect: DecisionEffect, *, actor: User, reason: str) -> TakenBack:
        if effect.applied_to is None:
            return lapsed(ENDED)
        try:
            restriction_lift(restriction_id=effect.applied_to, actor=actor, reason=reason)
        except AlreadyEnded:
            return lapsed(ENDED)
        return TakenBack(applied_to=effect.applied_to)

    def words(self, ends_at: datetime | None) -> str:
        return f"You may not {self.restriction.label.lower()}, {until(ends_at)}."


def _bar(kind: EffectKind, restriction: RestrictionKind) -> type[Bar]:
    return type(f"Bar{restriction.name.title()}", (Bar,), {"kind": kind, "restriction": restriction})


class Suspend(Effect):
    """The person is shut out and signed out of every device, for a time or until reinstated."""

    kind = EffectKind.SUSPEND
    admits = EVERY_SUBJECT
    roles = DECIDERS
    may_end = True

    def carry_out(self, *, target_id: UUID, actor: User, reason: str, ends_at: datetime | None) -> CarriedOut:
        bars = Restriction.objects.in_force().filter(user=target_id, kind=RestrictionKind.SIGN_IN)
        if bars.exists():
            raise EffectRefused("This person is barred from signing in already. Lift that first.")
        user_suspend(user_id=target_id, actor=actor, reason=reason, until=ends_at)
        return CarriedOut(applied_to=bars.get().pk)

    def undo(self, effect: DecisionEffect, *, actor: User, reason: str) -> TakenBack:
        bar = (
            Restriction.objects.in_force().filter(user=effect.target_id, kind=RestrictionKind.SIGN_IN).first()
        )
        if bar is None or bar.pk != effect.applied_to:
            return lapsed(ENDED)
        status = User.objects.values_list("status", flat=True).get(pk=effect.target_id)
        if status == UserStatus.SUSPENDED:
            user_reinstate(user_id=effect.target_id, actor=actor, reason=reason)
        else:
            restriction_lift(restriction_id=bar.pk, actor=actor, reason=reason)
        return TakenBack(applied_to=bar.pk)

    def words(self, ends_at: datetime | None) -> str:
        return f"Your account is suspended, {until(ends_at)}."


EFFECTS: tuple[Effect, ...] = (
    Warn(),
    *(
        _bar(kind, restriction)()
        for kind, restriction in (
            (EffectKind.BAR_CHAT, RestrictionKind.CHAT),
            (EffectKind.BAR_STREAM, RestrictionKind.STREAM),
            (EffectKind.BAR_TIP, RestrictionKind.TIP),
            (EffectKind.BAR_UPLOAD, RestrictionKind.UPLOAD),
            (EffectKind.BAR_MESSAGE, RestrictionKind.MESSAGE),
            (EffectKind.BAR_REPORT, RestrictionKind.REPORT),
        )
    ),
    Suspend(),
)
