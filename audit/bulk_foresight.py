"""What would become of a case in a bulk job: asked for the preview, and again under lock when its turn comes."""

from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import combinations
from uuid import UUID

from audit.effects import EFFECTS, EffectRequest
from audit.effects.planning import LONGEST_OF_MODERATORS
from audit.errors import BulkRefused
from audit.models import BulkJob, Case
from audit.models.moderation.case import WAITING
from audit.moderation_choices import EffectKind
from core.db.roles import Role


def check_effects(
    kinds: Collection[EffectKind | str], *, lasts: timedelta | None, role: Role
) -> list[EffectKind]:
    """The effects in the order of their declaration, each once.

    Raises BulkRefused where one is not the role's to decide, or not for so long, where two act on the same thing, and
    where `lasts` is given although none of them ends by itself.
    """
    try:
        asked = {EffectKind(kind) for kind in kinds}
    except ValueError:
        raise BulkRefused("These are not all effects.") from None
    chosen = [kind for kind in EffectKind if kind in asked]
    for kind in chosen:
        if role not in EFFECTS[kind].roles:
            raise BulkRefused(f"“{kind.label}” is not for your role to decide.")
    for one, other in combinations(chosen, 2):
        if EFFECTS[one].facts[1:] == EFFECTS[other].facts[1:]:
            raise BulkRefused(f"“{one.label}” and “{other.label}” contradict each other: choose one of them.")
    if lasts is not None and not any(EFFECTS[kind].may_end for kind in chosen):
        raise BulkRefused("None of these effects ends by itself. Leave the duration empty.")
    if (
        EffectKind.SUSPEND in chosen
        and role == Role.MODERATOR
        and (lasts is None or lasts > LONGEST_OF_MODERATORS)
    ):
        raise BulkRefused(
            "Lead moderators suspend for more than 30 days or without an end. Set 30 days or less."
        )
    return chosen


def effects_for(case: Case, job: BulkJob, now: datetime) -> list[EffectRequest]:
    """The effects of a job that the subject of the case admits, with the end of those that end."""
    found = []
    for value in job.effects:
        effect = EFFECTS[EffectKind(value)]
        if case.subject_kind in effect.admits:
            ends_at = now + job.lasts if job.lasts is not None and effect.may_end else None
            found.append(EffectRequest(kind=effect.kind, ends_at=ends_at))
    return found


def obstacle(case: Case, job: BulkJob, *, actor_id: UUID, now: datetime) -> str:
    """Why a case cannot be decided by this job at `now`, in words; empty: nothing is known against it.

    Escalated cases are looked at one by one; what a colleague has in hand is left to the colleague.
    """
    if case.status not in WAITING:
        return f"It is {case.get_status_display().lower()} already."
    if case.escalated_at is not None:
        return "It is escalated: such a case is decided on its own."
    held_until = case.claimed_until
    if held_until is not None and held_until > now and case.claimed_by_id != actor_id:
        return f"A colleague holds it until {held_until:%H:%M} UTC."
    if job.effects and not effects_for(case, job, now):
        return f"None of the effects applies to this subject: {case.get_subject_kind_display().lower()}."
    return ""
