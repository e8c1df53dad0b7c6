"""Bulk jobs: previewed, submitted, approved by a second person above a size, cancelled, undone."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from itertools import islice
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.bulk_announcements import (
    bulk_job_approved,
    bulk_job_cancelled,
    bulk_job_previewed,
    bulk_job_submitted,
    bulk_job_undo_begun,
)
from audit.bulk_foresight import check_effects, obstacle
from audit.errors import BulkRefused
from audit.jobs import bulk_job_carry_out, bulk_job_take_back
from audit.models import BulkItem, BulkJob, Case, PolicyVersion
from audit.models.moderation.bulk import ALONE_UP_TO, MOST_ITEMS
from audit.moderation_choices import BulkItemStatus, BulkStatus, DecisionOutcome, EffectKind
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.context import current_role
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role
from core.errors import NotPermitted

MOST_NAMED = 10
"""Cases that one sentence names."""


@transaction.atomic
def bulk_job_preview(
    *,
    title: str,
    case_ids: Iterable[UUID],
    outcome: DecisionOutcome | str,
    reasons: str,
    actor: User,
    policy_version_id: UUID | None = None,
    effects: Collection[EffectKind | str] = (),
    lasts: timedelta | None = None,
) -> BulkJob:
    """Choose cases for one decision and look at what would become of each; nothing is decided yet.

    `case_ids`: ids, or a queryset of them such as the list of cases filters; no more than needed are read. Each effect
    is carried out on the cases whose subject admits it, bars for as long as `lasts` (None: not limited). Every item
    tells in `foreseen` why it would be refused now: decided, escalated, held by a colleague, no effect that its
    subject admits.

    Locks: nothing. Raises: BulkRefused (no case, more than 1,000, cases that are not there or not the actor's to see,
    effects that contradict the outcome or each other, a ground that is not in force). Announces: `bulk_job_previewed`.
    """
    keys = _chosen(case_ids)
    now = database_now()
    cases = {case.pk: case for case in Case.objects.filter(pk__in=keys)}
    missing = [key for key in keys if key not in cases]
    if missing:
        raise BulkRefused(
            f"Not there, or not yours to decide: {_references(missing)}. Nobody decides about themselves; some cases "
            f"are for lead moderators only."
        )
    role = current_role() or Role.MODERATOR
    job = BulkJob(
        title=title.strip(),
        outcome=DecisionOutcome(outcome).value,
        policy_version=_ground(policy_version_id),
        effects=check_effects(effects, lasts=lasts, role=role),
        lasts=lasts,
        reasons=reasons.strip(),
        item_count=len(keys),
        created_by=actor,
        acting_role=role.value,
    )
    with refused_as(BulkRefused):
        job.save(force_insert=True)
        BulkItem.objects.bulk_create(
            BulkItem(
                job=job,
                case_id=key,
                person_id=cases[key].person_id,
                foreseen=obstacle(cases[key], job, actor_id=actor.pk, now=now),
            )
            for key in keys
        )
    _tell(bulk_job_previewed, job, actor)
    return job


def _chosen(case_ids: Iterable[UUID]) -> list[UUID]:
    keys = list(dict.fromkeys(islice(case_ids, MOST_ITEMS + 1)))
    if not keys:
        raise BulkRefused("No case was chosen. Choose at least one.")
    if len(keys) > MOST_ITEMS:
        raise BulkRefused(
            f"These are more than {MOST_ITEMS:,} cases, too many for one bulk job. Narrow the filter, or make several "
            f"jobs."
        )
    return keys


def _references(keys: list[UUID]) -> str:
    """As `Case.reference` writes them, for cases that cannot be read."""
    named = ", ".join(f"C-{str(key)[-8:].upper()}" for key in keys[:MOST_NAMED])
    return f"{named} and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else named


def _ground(policy_version_id: UUID | None) -> PolicyVersion | None:
    if policy_version_id is None:
        return None
    version = PolicyVersion.objects.select_related("policy").filter(pk=policy_version_id).first()
    if version is None:
        raise BulkRefused("There is no such version of a policy.")
    in_force = PolicyVersion.objects.in_force().filter(policy=version.policy_id).first()
    if in_force != version or version.policy.retired_at is not None:
        raise BulkRefused(f"{version} is not in force. Choose the version that holds now.")
    return version


@transaction.atomic
def bulk_job_submit(*, bulk_job_id: UUID, actor: User, expected_version: int | None = None) -> BulkJob:
    """Have a previewed job carried out: at once up to 25 cases, else when a second person has approved it.

    Locks: the job. Raises: NotPermitted (somebody else's), IllegalTransition, BulkRefused (no case could be decided),
    NotThere, StaleVersion. Announces: `bulk_job_submitted`.
    """
    job = locked(BulkJob, bulk_job_id, expected_version=expected_version)
    if job.created_by_id != actor.pk:
        raise NotPermitted("Who previewed a bulk job submits it.")
    alone = job.item_count <= ALONE_UP_TO
    BulkJob.status_machine.check(job.status, BulkStatus.APPROVED if alone else BulkStatus.WAITING)
    if not job.items.filter(foreseen="").exists():
        raise BulkRefused("None of these cases could be decided so. Look at the reasons, and choose others.")
    job.status = BulkStatus.APPROVED if alone else BulkStatus.WAITING
    with refused_as(BulkRefused):
        job.save(update_fields=["status"])
    _tell(bulk_job_submitted, job, actor)
    if alone:
        bulk_job_carry_out.enqueue(bulk_job_id=job.pk, key=str(job.pk))
    return job


@transaction.atomic
def bulk_job_approve(
    *, bulk_job_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> BulkJob:
    """Approve the job of a colleague, as a lead moderator; a worker then decides its cases.

    Locks: the job. Raises: NotPermitted (one's own), IllegalTransition, BulkRefused, NotThere, StaleVersion.
    Announces: `bulk_job_approved`.
    """
    job = locked(BulkJob, bulk_job_id, expected_version=expected_version)
    BulkJob.status_machine.check(job.status, BulkStatus.APPROVED)
    if job.status != BulkStatus.WAITING:
        raise BulkRefused("This bulk job was not submitted yet.")
    if job.created_by_id == actor.pk:
        raise NotPermitted("Somebody else approves a bulk job. Ask another lead moderator.")
    if BulkItem.objects.filter(job=job).count() != job.item_count:
        raise NotPermitted("One of these cases is about you. Ask another lead moderator.")
    job.status, job.approved_by, job.approved_at = BulkStatus.APPROVED, actor, database_now()
    with refused_as(BulkRefused):
        job.save(update_fields=["status", "approved_by", "approved_at"])
    _tell(bulk_job_approved, job, actor, reason)
    bulk_job_carry_out.enqueue(bulk_job_id=job.pk, key=str(job.pk))
    return job


@transaction.atomic
def bulk_job_cancel(
    *, bulk_job_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> BulkJob:
    """Give a job up before it runs: one's own, or any as a lead moderator.

    Locks: the job. Raises: NotPermitted, IllegalTransition, BulkRefused, NotThere, StaleVersion.
    Announces: `bulk_job_cancelled`.
    """
    job = locked(BulkJob, bulk_job_id, expected_version=expected_version)
    BulkJob.status_machine.check(job.status, BulkStatus.CANCELLED)
    if job.created_by_id != actor.pk and current_role() != Role.LEAD_MODERATOR:
        raise NotPermitted("Who asked for a bulk job cancels it, or a lead moderator.")
    job.status = BulkStatus.CANCELLED
    with refused_as(BulkRefused):
        job.save(update_fields=["status"])
    _tell(bulk_job_cancelled, job, actor, reason)
    return job


@transaction.atomic
def bulk_job_undo(
    *, bulk_job_id: UUID, actor: User, reasons: str, expected_version: int | None = None
) -> BulkJob:
    """Have every decision of a job reversed; a worker does it, and says of each what could not be undone.

    `reasons` are told to the people concerned. Locks: the job. Raises: IllegalTransition, BulkRefused (nothing was
    decided, no reasons), NotThere, StaleVersion. Announces: `bulk_job_undo_begun`.
    """
    job = locked(BulkJob, bulk_job_id, expected_version=expected_version)
    BulkJob.status_machine.check(job.status, BulkStatus.UNDOING)
    if not reasons.strip():
        raise BulkRefused("Whoever has a bulk job undone says why.")
    if not job.items.filter(status=BulkItemStatus.DONE).exists():
        raise BulkRefused("No case of this bulk job was decided: there is nothing to undo.")
    job.status, job.undone_by, job.undo_reasons = BulkStatus.UNDOING, actor, reasons.strip()
    with refused_as(BulkRefused):
        job.save(update_fields=["status", "undone_by", "undo_reasons"])
    _tell(bulk_job_undo_begun, job, actor, reasons)
    bulk_job_take_back.enqueue(bulk_job_id=job.pk, key=str(job.pk))
    return job


def _tell(announcement: Announcement, job: BulkJob, actor: User, reason: str = "") -> None:
    announcement.send(
        sender=BulkJob,
        actor=actor,
        subject=job,
        reason=reason,
        changed=() if job.status == BulkStatus.PREVIEWED else ("status",),
        detail={"cases": job.item_count, "status": job.status},
    )
