"""Bulk jobs carried out by a worker: case by case, each a transaction of its own, in the name of whoever asked.

Items are taken by FOR UPDATE SKIP LOCKED and marked in the transaction of their decision, so two workers never decide
one case twice, and what a killed worker had begun is rolled back and waits for the next.
"""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

import structlog
from django.db import IntegrityError, connection, transaction
from django.db.models import Count

from accounts.models import User
from audit.bulk_announcements import bulk_job_done, bulk_job_undone
from audit.bulk_foresight import effects_for, obstacle
from audit.errors import BulkRefused
from audit.models import BulkItem, BulkJob, Case, Decision
from audit.moderation_choices import BulkItemStatus, BulkStatus, DecisionKind
from audit.services.decisions import case_decide
from audit.services.in_the_name import in_the_name_of
from audit.services.reversals import decision_reverse
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import DATABASE_REFUSALS
from core.db.roles import Role
from core.errors import Refused, explain

LONGEST_OUTCOME = 2000

logger = structlog.get_logger(__name__)

Settle = Callable[[BulkJob, BulkItem, User], None]


def bulk_job_run(*, bulk_job_id: UUID) -> None:
    """Decide every case of an approved bulk job that has no outcome yet, as its creator, in the role of that time.

    Called by a worker outside of any transaction; bears being called twice, or by two at once. A case that cannot be
    decided is refused in words, and the others go on; what fails for another reason waits for the next attempt.

    Locks: each item, then what `case_decide` locks. Raises: whatever made a case fail, after the others are done.
    Announces: `bulk_job_done`.
    """
    job = _begun(bulk_job_id, BulkStatus.APPROVED, BulkStatus.RUNNING)
    if job is not None:
        _settle_all(job, Role(job.acting_role), job.created_by_id, BulkItemStatus.PENDING, _decide)
        _ended(job.pk, BulkStatus.RUNNING, BulkStatus.DONE, BulkItemStatus.PENDING, bulk_job_done)


def bulk_job_unwind(*, bulk_job_id: UUID) -> None:
    """Reverse every decision of a bulk job that still stands, as the lead moderator who had it undone.

    As `bulk_job_run`, with `decision_reverse`; what cannot be undone says why. Announces: `bulk_job_undone`.
    """
    job = _begun(bulk_job_id, BulkStatus.UNDOING, BulkStatus.UNDOING)
    if job is not None and job.undone_by_id is not None:
        _settle_all(job, Role.LEAD_MODERATOR, job.undone_by_id, BulkItemStatus.DONE, _undo)
        _ended(job.pk, BulkStatus.UNDOING, BulkStatus.UNDONE, BulkItemStatus.DONE, bulk_job_undone)


def _begun(bulk_job_id: UUID, before: BulkStatus, under_way: BulkStatus) -> BulkJob | None:
    """The job, moved on if nobody did; None where there is nothing to do any more."""
    with acting(Role.WORKER, durable=True):
        job = locked(BulkJob, bulk_job_id)
        if job.status not in (before, under_way):
            logger.info("the bulk job is not to be carried out", status=job.status)
            return None
        if job.status != under_way:
            job.status = under_way
            job.save(update_fields=["status"])
        return job


def _ended(
    bulk_job_id: UUID, under_way: BulkStatus, after: BulkStatus, waits: BulkItemStatus, told: Announcement
) -> None:
    """Move the job on when every item has its outcome; of two workers, the one that comes last does."""
    with acting(Role.WORKER, durable=True):
        job = locked(BulkJob, bulk_job_id)
        if job.status != under_way or job.items.filter(status=waits).exists():
            return
        job.status = after
        job.save(update_fields=["status"])
        outcomes = dict(job.items.order_by().values_list("status").annotate(Count("pk")))
        told.send(sender=BulkJob, actor=None, subject=job, changed=("status",), detail=outcomes)


def _settle_all(job: BulkJob, role: Role, person_id: UUID, waits: BulkItemStatus, settle: Settle) -> None:
    """One transaction per item, until none is left that nobody else has in hand."""
    failures: dict[UUID, Exception] = {}
    counts: Counter[str] = Counter()
    while True:
        with in_the_name_of(role, person_id) as actor:
            if actor is None:
                _give_up(job, role, waits)
                return
            item = (
                BulkItem.objects.select_for_update(skip_locked=True)
                .filter(job=job, status=waits)
                .exclude(pk__in=list(failures))
                .order_by("pk")
                .first()
            )
            if item is None:
                break
            try:
                with transaction.atomic():
                    settle(job, item, actor)
            except Exception as failure:
                # It must not keep the others waiting: its item stays as it is, and the job is tried again.
                logger.warning(
                    "a case of the bulk job failed", item=str(item.pk), error=type(failure).__name__
                )
                failures[item.pk] = failure
            else:
                counts[item.status] += 1
    logger.info("the bulk job was carried out", **counts)
    for kept in failures.values():
        raise kept


def _give_up(job: BulkJob, role: Role, waits: BulkItemStatus) -> None:
    """Nobody is left in whose name the rest could be settled."""
    after = BulkItemStatus.REFUSED if waits == BulkItemStatus.PENDING else BulkItemStatus.KEPT
    words = f"Whoever asked for it does not act as {role.label.lower()} any more."
    with acting(Role.WORKER):
        BulkItem.objects.filter(job=job, status=waits).update(status=after, outcome_words=words)


def _decide(job: BulkJob, item: BulkItem, actor: User) -> None:
    """Decide one case, or say why not."""

    def decide() -> Decision:
        case = Case.objects.filter(pk=item.case_id).first()
        if case is None:
            raise BulkRefused("This case is for lead moderators only by now.")
        now = database_now()
        hindrance = obstacle(case, job, actor_id=actor.pk, now=now)
        if hindrance:
            raise BulkRefused(hindrance)
        return case_decide(
            case_id=case.pk,
            actor=actor,
            outcome=job.outcome,
            reasons=job.reasons,
            policy_version_id=job.policy_version_id,
            effects=effects_for(case, job, now),
        )

    made, words = _made_or_refused(decide)
    item.decision = made
    _settle(item, BulkItemStatus.DONE if made else BulkItemStatus.REFUSED, words, "decision")


def _undo(job: BulkJob, item: BulkItem, actor: User) -> None:
    """Reverse the decision of one case, or say why not."""
    assert item.decision_id is not None  # noqa: S101  (a constraint of what is done)
    decision_id = item.decision_id
    made, words = _made_or_refused(
        lambda: decision_reverse(
            decision_id=decision_id, actor=actor, reasons=job.undo_reasons, kind=DecisionKind.UNDO
        )
    )
    item.undo_decision = made
    _settle(item, BulkItemStatus.UNDONE if made else BulkItemStatus.KEPT, words, "undo_decision")


def _made_or_refused(make: Callable[[], Decision]) -> tuple[Decision | None, str]:
    """The decision, or the words of the refusal; nothing of a refused one is left. Deferred rules speak here too."""
    try:
        with transaction.atomic():
            made = make()
            connection.check_constraints()
    except Refused as refusal:
        return None, str(refusal)[:LONGEST_OUTCOME]
    except DATABASE_REFUSALS as refusal:
        words = explain(refusal) if isinstance(refusal, IntegrityError) else str(refusal)
        return None, words[:LONGEST_OUTCOME]
    return made, ""


def _settle(item: BulkItem, status: BulkItemStatus, words: str, column: str) -> None:
    item.status, item.outcome_words = status, words
    item.save(update_fields=["status", "outcome_words", column])
