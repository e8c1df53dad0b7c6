"""Effects on profiles of performers."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from audit.decision_errors import EffectRefused
from audit.effects.definition import CarriedOut, Effect, TakenBack, lapsed
from audit.models import DecisionEffect
from audit.moderation_choices import EffectKind, SubjectKind
from core.db.locking import locked
from performers.models import PerformerProfile
from performers.services.profiles import TEXTS, performer_profile_change, performer_profile_correct


class ProfileClear(Effect):
    """Takes the words of a profile off: headline, biography, pronouns, place. The stage name stays."""

    kind = EffectKind.PROFILE_CLEAR
    admits = frozenset({SubjectKind.PROFILE, SubjectKind.PERSON})

    def carry_out(self, *, target_id: UUID, actor: User, reason: str, ends_at: datetime | None) -> CarriedOut:
        profile = locked(PerformerProfile, target_id)
        before = {name: getattr(profile, name) for name in TEXTS if getattr(profile, name)}
        if not before:
            raise EffectRefused("This profile has no words that could be taken off.")
        performer_profile_correct(performer_id=target_id, texts=sorted(before), actor=actor, reason=reason)
        return CarriedOut(before=before)

    def undo(self, effect: DecisionEffect, *, actor: User, reason: str) -> TakenBack:
        profile = locked(PerformerProfile, effect.target_id)
        if profile.stage_name is None:
            return lapsed("The person was erased.")
        written_since = _written_since(effect)
        texts = {
            name: words
            for name, words in effect.before.items()
            if name not in written_since and not getattr(profile, name)
        }
        if not texts:
            return lapsed("The performer has written other words since.")
        performer_profile_change(performer_id=profile.pk, actor=actor, reason=reason, **texts)
        return TakenBack(applied_to=profile.pk)

    def words(self, ends_at: datetime | None) -> str:
        return "The words of your profile were taken off; you may write others."


def _written_since(effect: DecisionEffect) -> set[str]:
    """Texts that a later decision had to take off again: the performer had written them anew."""
    later = DecisionEffect.objects.filter(
        kind=effect.kind, target_id=effect.target_id, undoes__isnull=True, pk__gt=effect.pk
    )
    return {name for before in later.values_list("before", flat=True) for name in before}


EFFECTS: tuple[Effect, ...] = (ProfileClear(),)
