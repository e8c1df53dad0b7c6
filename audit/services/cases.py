"""Moves of cases that are no decisions: escalated, sent to another queue, closed, taken up again."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from audit.models import Case, Queue
from audit.moderation_announcements import case_closed, case_escalated, case_moved, case_reopened
from audit.moderation_choices import CaseStatus, EscalationRoute
from audit.moderation_errors import CaseHeld, CaseNotHeld, CaseRefused, OwnCase
from audit.services.claims import case_claim, held_words, holds
from audit.services.move_reasons import moving_because
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.errors import IllegalTransition

ESCALATION_QUEUES = {EscalationRoute.LEAD: "escalated", EscalationRoute.LEGAL: "legal"}
"""Where a case waits for those to whom it is escalated; where there is no such queue, it stays in its own."""


@transaction.atomic
def case_escalate(
    *,
    case_id: UUID,
    actor: User,
    route: EscalationRoute | str,
    reason: str,
    expected_version: int | None = None,
) -> Case:
    """Hand a case to lead moderators, or to legal counsel; whoever escalates gives it out of their hands.

    A free case is claimed first. Cases for leads only keep their queue: moved elsewhere they would be seen by all.
    Locks: the case. Raises: CaseHeld, CaseNotHeld, CaseRefused (no reason, escalated there already, decided), OwnCase,
    NotThere, StaleVersion. Announces: `case_escalated`.
    """
    case = _opened(case_id, actor, reason, expected_version)
    route = EscalationRoute(route)
    if case.escalation_route == route:
        raise CaseRefused(f"This case is escalated already: {route.label.lower()}.")
    case = _held(case, actor)
    queue = Queue.objects.filter(code=ESCALATION_QUEUES[route], is_active=True).first()
    changes: dict[str, Any] = {"status": CaseStatus.ESCALATED, "escalation_route": route}
    if queue is not None and queue.pk != case.queue_id and not case.leads_only:
        changes["queue"] = queue
    Case.status_machine.check(case.status, CaseStatus.ESCALATED)
    return _move(case, actor, reason, changes, case_escalated, detail={"route": route.value})


@transaction.atomic
def case_move_queue(
    *, case_id: UUID, queue_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> Case:
    """Let a case wait in another queue, whatever the rules say; it is due no later than before. For lead moderators.

    Locks: the case. Raises: CaseHeld (by a colleague), CaseRefused (no reason, the same queue, one that is closed, a
    closed case), OwnCase, NotThere, StaleVersion. Announces: `case_moved`.
    """
    case = _opened(case_id, actor, reason, expected_version)
    queue = Queue.objects.filter(pk=queue_id).first()
    if queue is None:
        raise NotThere("There is no such queue.")
    if not queue.is_active:
        raise CaseRefused(f"The queue {queue} is closed. Choose another one.")
    if queue.pk == case.queue_id:
        raise CaseRefused(f"The case waits in {queue} already.")
    if _held_by_another(case, actor):
        raise CaseHeld(held_words(case))
    return _move(case, actor, reason, {"queue": queue}, case_moved, detail={"queue": queue.code})


@transaction.atomic
def case_close(
    *, case_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> Case:
    """Close a case that was decided and left open. Locks: the case.

    Raises: IllegalTransition (it is not decided), CaseRefused (no reason), OwnCase, NotThere, StaleVersion. Announces:
    `case_closed`.
    """
    case = _opened(case_id, actor, reason, expected_version)
    Case.status_machine.check(case.status, CaseStatus.CLOSED)
    return _move(case, actor, reason, {"status": CaseStatus.CLOSED}, case_closed)


@transaction.atomic
def case_reopen(
    *, case_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> Case:
    """Take a decided or closed case up again; it is due anew. Its decisions stand until one is reversed.

    Locks: the case, and its subject against new reports. Raises: IllegalTransition (nothing was decided), CaseRefused
    (no reason, another case about the subject is open: work that one), OwnCase, NotThere, StaleVersion. Announces:
    `case_reopened`.
    """
    case = _opened(case_id, actor, reason, expected_version)
    if case.status not in (CaseStatus.DECIDED, CaseStatus.CLOSED):
        raise IllegalTransition("Only a case that was decided or closed is taken up again.")
    return _move(case, actor, reason, {"status": CaseStatus.REOPENED}, case_reopened)


def cases_triage(*, after: UUID | None = None, batch: int = 200) -> tuple[int, UUID | None]:
    """Ask the rules again about a batch of waiting cases, by key.

    Returns how many were looked at, and the last of them, behind which the next batch begins (None: there are no
    more). What is on air, how many strikes somebody has, and the rules change without a report. Cases that somebody
    works on at this moment are left for the next run. Run as the worker.
    """
    waiting = Case.objects.waiting().order_by("pk")
    if after is not None:
        waiting = waiting.filter(pk__gt=after)
    with transaction.atomic():
        found = list(waiting.select_for_update(skip_locked=True).values_list("pk", flat=True)[:batch])
        with connection.cursor() as cursor:
            for case_id in found:
                cursor.execute("SELECT moderation_triage(%s)", [case_id])
    return len(found), found[-1] if len(found) == batch else None


def _opened(case_id: UUID, actor: User | None, reason: str, expected_version: int | None) -> Case:
    if not reason.strip():
        raise CaseRefused("Say why, for the colleagues who read this case after you.")
    case = locked(Case, case_id, expected_version=expected_version)
    if actor is not None and case.person_id == actor.pk:
        raise OwnCase("Nobody works a case about themselves. Leave it to a colleague.")
    return case


def _held_by_another(case: Case, actor: User) -> bool:
    return (
        case.status == CaseStatus.CLAIMED
        and case.claimed_by_id != actor.pk
        and case.claimed_until is not None
        and case.claimed_until > database_now()
    )


def _held(case: Case, actor: User) -> Case:
    """The case in the hands of the actor, claimed if it is free."""
    if not holds(case=case, actor=actor):
        case_claim(case_id=case.pk, actor=actor)
        case.refresh_from_db()
    if not holds(case=case, actor=actor):
        raise CaseNotHeld("You do not hold this case.")
    return case


def _move(
    case: Case,
    actor: User | None,
    reason: str,
    changes: dict[str, Any],
    announcement: Announcement,
    detail: dict[str, Any] | None = None,
) -> Case:
    for field, value in changes.items():
        setattr(case, field, value)
    fields: Iterable[str] = tuple(changes)
    with refused_as(CaseRefused), moving_because(reason):
        case.save(update_fields=fields)
    # A case that was moved to where the actor does not see it cannot be read again.
    if (seen := Case.objects.filter(pk=case.pk).first()) is not None:
        case = seen
    announcement.send(
        sender=Case, actor=actor, subject=case, reason=reason, changed=tuple(fields), detail=detail or {}
    )
    return case
