"""The ladder of strikes: from how many points on which action is proposed. A person decides, always."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.errors import LadderRefused
from audit.ladder_announcements import ladder_step_added, ladder_step_changed, ladder_step_retired
from audit.models import StrikeLadderStep
from audit.moderation_choices import StrikeAction
from core.announcements import Announcement
from core.db.locking import locked
from core.db.refusals import refused_as


@transaction.atomic
def ladder_step_add(
    *, points: int, action: StrikeAction | str, actor: User, lasts: timedelta | None = None, reason: str = ""
) -> StrikeLadderStep:
    """Propose `action` from so many points in force on, for as long as `lasts` (None: not limited).

    Raises: LadderRefused (points taken by another step, out of range; a warning that lasts).
    Announces: `ladder_step_added`.
    """
    step = StrikeLadderStep(points=points, action=StrikeAction(action).value, lasts=lasts)
    step._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(LadderRefused):
        step.save(force_insert=True)
    _tell(ladder_step_added, step, actor, reason)
    return step


@transaction.atomic
def ladder_step_change(
    *,
    step_id: UUID,
    points: int,
    action: StrikeAction | str,
    actor: User,
    reason: str,
    lasts: timedelta | None = None,
    expected_version: int | None = None,
) -> StrikeLadderStep:
    """Give a step other points or another action; what it proposed before stays as it was.

    Locks: the step. Raises: LadderRefused (retired, or as `ladder_step_add`), NotThere, StaleVersion.
    Announces: `ladder_step_changed`.
    """
    step = locked(StrikeLadderStep, step_id, expected_version=expected_version)
    _refuse_retired(step)
    step.points, step.action, step.lasts = points, StrikeAction(action).value, lasts
    step._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(LadderRefused):
        step.save(update_fields=["points", "action", "lasts"])
    _tell(ladder_step_changed, step, actor, reason, ("points", "action", "lasts"))
    return step


@transaction.atomic
def ladder_step_retire(
    *, step_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> StrikeLadderStep:
    """Let a step propose nothing any more; its row stays, since proposals name it.

    Locks: the step. Raises: LadderRefused (retired before), NotThere, StaleVersion. Announces: `ladder_step_retired`.
    """
    step = locked(StrikeLadderStep, step_id, expected_version=expected_version)
    _refuse_retired(step)
    step.is_active = False
    step._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(LadderRefused):
        step.save(update_fields=["is_active"])
    _tell(ladder_step_retired, step, actor, reason, ("is_active",))
    return step


def _refuse_retired(step: StrikeLadderStep) -> None:
    if not step.is_active:
        raise LadderRefused("This step is retired. Add a new one.")


def _tell(
    announcement: Announcement,
    step: StrikeLadderStep,
    actor: User,
    reason: str,
    changed: tuple[str, ...] = (),
) -> None:
    announcement.send(
        sender=StrikeLadderStep,
        actor=actor,
        subject=step,
        reason=reason,
        changed=changed,
        detail={"points": step.points, "action": step.action},
    )
