"""Queues and the rules that fill them; for lead moderators. The rules are applied by the database."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from audit.models import Case, Queue, QueueRule
from audit.moderation_announcements import (
    queue_added,
    queue_changed,
    queue_rule_added,
    queue_rule_changed,
    queue_rule_deleted,
)
from audit.moderation_errors import QueueRefused
from core.announcements import Announcement
from core.db.locking import locked
from core.db.refusals import refused_as

QUEUE_FIELDS = frozenset({"name", "description", "position", "due_within", "leads_only", "is_active"})
RULE_FIELDS = frozenset(
    {
        "name",
        "position",
        "is_active",
        "categories",
        "subject_kinds",
        "sources",
        "least_reports",
        "least_strike_points",
        "live_only",
        "points",
        "queue_id",
        "due_within",
    }
)


@transaction.atomic
def queue_add(
    *,
    code: str,
    name: str,
    actor: User,
    due_within: timedelta = timedelta(hours=24),
    description: str = "",
    position: int = 100,
    leads_only: bool = False,
) -> Queue:
    """Make a queue. Rules fill it; until one does, it is empty.

    Raises: QueueRefused (a code that is taken or malformed, a field that breaks a rule). Announces: `queue_added`.
    """
    queue = Queue(
        code=code.strip(),
        name=name.strip(),
        description=description.strip(),
        position=position,
        due_within=due_within,
        leads_only=leads_only,
    )
    with refused_as(QueueRefused):
        queue.save(force_insert=True)
    queue_added.send(sender=Queue, actor=actor, subject=queue)
    return queue


@transaction.atomic
def queue_change(
    *,
    queue_id: UUID,
    changes: dict[str, Any],
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> Queue:
    """Change fields of a queue (`QUEUE_FIELDS`). Cases that wait in it become hidden or visible with `leads_only`.

    Locks: the queue. Raises: QueueRefused (no reason, a field that is none, a rule that is broken, closing a queue in
    which cases wait or that a rule fills), NotThere, StaleVersion. Announces: `queue_changed`.
    """
    queue = locked(Queue, queue_id, expected_version=expected_version)
    return _change(queue, changes, QUEUE_FIELDS, queue_changed, actor, reason)


@transaction.atomic
def queue_make_default(*, queue_id: UUID, actor: User, reason: str) -> Queue:
    """Let a queue take every case that no rule claims, in place of the one that does.

    Locks: both queues, in the order of their keys. Raises: QueueRefused (no reason, closed or for leads only, the
    default already), NotThere. Announces: `queue_changed` for each.
    """
    keys = [queue_id, *Queue.objects.filter(is_default=True).values_list("pk", flat=True)]
    queues = {pk: locked(Queue, pk) for pk in sorted(keys)}
    if queues[queue_id].is_default:
        raise QueueRefused("This is the default queue already.")
    for pk, queue in sorted(queues.items(), key=lambda item: item[0] == queue_id):
        _change(
            queue, {"is_default": pk == queue_id}, frozenset({"is_default"}), queue_changed, actor, reason
        )
    return queues[queue_id]


@transaction.atomic
def queue_rule_add(*, fields: dict[str, Any], actor: User) -> QueueRule:
    """Make a rule of `RULE_FIELDS`. It holds for reports from now on, and for waiting cases within ten minutes.

    Raises: QueueRefused (a field that is none or breaks a rule, a place or a name that is taken). Announces:
    `queue_rule_added`.
    """
    _known(fields, RULE_FIELDS)
    rule = QueueRule(**fields)
    with refused_as(QueueRefused):
        rule.save(force_insert=True)
    queue_rule_added.send(sender=QueueRule, actor=actor, subject=rule, detail={"position": rule.position})
    return rule


@transaction.atomic
def queue_rule_change(
    *,
    queue_rule_id: UUID,
    changes: dict[str, Any],
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> QueueRule:
    """Change fields of a rule (`RULE_FIELDS`).

    Locks: the rule. Raises: QueueRefused (no reason, a field that is none or breaks a rule), NotThere, StaleVersion.
    Announces: `queue_rule_changed`.
    """
    rule = locked(QueueRule, queue_rule_id, expected_version=expected_version)
    return _change(rule, changes, RULE_FIELDS, queue_rule_changed, actor, reason)


@transaction.atomic
def queue_rule_delete(*, queue_rule_id: UUID, actor: User, reason: str) -> None:
    """Delete a rule; its history stays.

    Locks: the rule. Raises: QueueRefused (no reason), NotThere. Announces: `queue_rule_deleted`.
    """
    _because(reason)
    rule = locked(QueueRule, queue_rule_id)
    queue_rule_deleted.send(sender=QueueRule, actor=actor, subject=rule, reason=reason)
    rule._change_reason = reason
    with refused_as(QueueRefused):
        rule.delete()


def cases_matching(rule: QueueRule) -> QuerySet[Case]:
    """Waiting cases that a rule, saved or not, matches by its columns; live_only and strikes are not asked."""
    found = Case.objects.waiting().filter(report_count__gte=rule.least_reports)
    if rule.categories:
        found = found.filter(categories__overlap=rule.categories)
    if rule.subject_kinds:
        found = found.filter(subject_kind__in=rule.subject_kinds)
    if rule.sources:
        found = found.filter(sources__overlap=rule.sources)
    return found


def _change(
    row: Any,
    changes: dict[str, Any],
    fields: frozenset[str],
    announcement: Announcement,
    actor: User,
    reason: str,
) -> Any:
    _because(reason)
    _known(changes, fields)
    for field, value in changes.items():
        setattr(row, field, value.strip() if isinstance(value, str) else value)
    row._change_reason = reason
    with refused_as(QueueRefused):
        row.save(update_fields=[field.removesuffix("_id") for field in changes])
    row.refresh_from_db()
    announcement.send(
        sender=type(row), actor=actor, subject=row, reason=reason, changed=tuple(sorted(changes))
    )
    return row


def _known(changes: dict[str, Any], fields: frozenset[str]) -> None:
    if not changes or not set(changes) <= fields:
        raise QueueRefused(f"These can be set: {', '.join(sorted(fields))}.")


def _because(reason: str) -> None:
    if not reason.strip():
        raise QueueRefused("Say why, for those who read the history.")
