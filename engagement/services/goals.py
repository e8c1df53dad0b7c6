"""Goals: opened, reached by tips, changed, expired, called off; their contributions folded and reconciled."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.models import User
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role
from engagement.goals import goal_totals
from engagement.interaction_announcements import (
    goal_cancelled,
    goal_changed,
    goal_expired,
    goal_opened,
    goal_reached,
)
from engagement.interaction_choices import GoalStatus
from engagement.interaction_errors import GoalRefused
from engagement.models import Goal

RECONCILED = dt.timedelta(days=2)
"""Goals opened within this time are looked at again for tips that were missed."""


def whole(number: Any, refusal: type[Exception], words: str) -> None:
    """Raise the refusal unless this is a whole number: PostgreSQL would take 1.5 for 2."""
    if type(number) is not int:
        raise refusal(words)


@transaction.atomic
def goal_open(
    *,
    performer_id: UUID,
    title: str,
    target_tokens: int,
    actor: User | None,
    stream_id: UUID | None = None,
    ends_at: dt.datetime | None = None,
) -> Goal:
    """Open a goal: every tip to the performer counts from now on, in the stream alone if one is named.

    Raises: GoalRefused (has one already, no stream of hers, numbers, words or an end that make no sense).
    Announces: `goal_opened`.
    """
    whole(target_tokens, GoalRefused, "Tokens are counted in whole numbers.")
    goal = Goal(
        performer_id=performer_id,
        title=title.strip(),
        target_tokens=target_tokens,
        stream_id=stream_id,
        ends_at=ends_at,
    )
    with refused_as(GoalRefused):
        goal.save(force_insert=True)
    goal_opened.send(sender=Goal, actor=actor, subject=goal, detail={"tokens": target_tokens})
    return goal


@transaction.atomic
def goal_change(
    *,
    goal_id: UUID,
    title: str,
    target_tokens: int,
    actor: User | None,
    ends_at: dt.datetime | None = None,
    expected_version: int | None = None,
) -> Goal:
    """Change what an open goal promises, how much it takes, or until when.

    Locks: the goal. Raises: GoalRefused (closed, numbers or words that make no sense), NotThere, StaleVersion.
    Announces: `goal_changed`.
    """
    whole(target_tokens, GoalRefused, "Tokens are counted in whole numbers.")
    goal = locked(Goal, goal_id, expected_version=expected_version)
    if goal.status != GoalStatus.OPEN:
        raise GoalRefused("This goal is closed; nothing of it changes any more.")
    goal.title, goal.target_tokens, goal.ends_at = title.strip(), target_tokens, ends_at
    with refused_as(GoalRefused):
        goal.save(update_fields=["title", "target_tokens", "ends_at"])
    goal_changed.send(sender=Goal, actor=actor, subject=goal, changed=("title", "target_tokens", "ends_at"))
    return goal


@transaction.atomic
def goal_cancel(
    *, goal_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> Goal:
    """Close a goal that was not reached: its performer, or a moderator. What was tipped stays tipped.

    Locks: the goal. Raises: IllegalTransition, NotThere, StaleVersion. Announces: `goal_cancelled`.
    """
    goal = locked(Goal, goal_id, expected_version=expected_version)
    return _close(goal, GoalStatus.CANCELLED, goal_cancelled, actor, reason)


@transaction.atomic
def goals_reach(*, performer_id: UUID | None = None) -> list[Goal]:
    """Close the goals (of one performer, or all) for which enough was tipped; those that were reached now.

    Called after a tip, and by the job for tips that came at the same time and did not see one another. Locks: those
    goals, in the order of their keys, passing over what somebody else holds. Announces: `goal_reached`.
    """
    with acting(Role.WORKER):
        found = Goal.objects.open()
        if performer_id is not None:
            found = found.filter(performer_id=performer_id)
        targets = dict(found.values_list("pk", "target_tokens"))
        totals = goal_totals(targets)
        due = sorted(pk for pk, target in targets.items() if totals.get(pk, 0) >= target)
        if not due:
            return []
        goals = (
            Goal.objects.open()
            .filter(pk__in=due)
            .select_for_update(skip_locked=True, no_key=True)
            .order_by("pk")
        )
        return [
            _close(goal, GoalStatus.REACHED, goal_reached, None, tokens=totals[goal.pk])
            for goal in goals
            if totals[goal.pk] >= goal.target_tokens
        ]


def goals_expire(*, batch: int = 500) -> int:
    """Close goals whose end has come; returns how many. As the worker."""
    with acting(Role.WORKER):
        due = Goal.objects.open().filter(ends_at__lte=Now()).order_by("pk")
        goals = list(due.select_for_update(skip_locked=True, no_key=True)[:batch])
        for goal in goals:
            _close(goal, GoalStatus.EXPIRED, goal_expired, None)
        return len(goals)


def goals_fold(*, batch: int = 5_000) -> int:
    """Add up to `batch` contributions to their goals; returns how many. As the worker; several may share the work."""
    return _as_worker_call("SELECT engagement_goals_fold(%s)", [batch])


def goals_reconcile() -> int:
    """Count tips that were missed while a goal was being opened; returns how many. As the worker."""
    return _as_worker_call("SELECT engagement_goals_reconcile(%s)", [database_now() - RECONCILED])


def goals_wrong() -> list[tuple[UUID, int, int, int, int]]:
    """Goals that do not agree with their tips: key, counted, folded, contributed, tipped. None, if all is well."""
    with acting(Role.WORKER), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM engagement_goals_wrong()")
        return cursor.fetchall()


def _as_worker_call(statement: str, parameters: list[Any]) -> int:
    with acting(Role.WORKER), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.fetchone()[0])


def _close(
    goal: Goal,
    status: GoalStatus,
    announcement: Announcement,
    actor: User | None,
    reason: str = "",
    **detail: int,
) -> Goal:
    Goal.status_machine.check(goal.status, status)
    goal.status = status
    goal._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(GoalRefused):
        goal.save(update_fields=["status"])
    goal.refresh_from_db(fields=["closed_at"])
    announcement.send(
        sender=Goal, actor=actor, subject=goal, reason=reason, changed=("status",), detail=detail
    )
    return goal
