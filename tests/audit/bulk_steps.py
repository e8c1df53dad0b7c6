"""Bulk jobs brought by the services as far as a test needs them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from accounts.models import User
from audit.models import BulkJob, Case
from audit.moderation_choices import EffectKind
from audit.services.bulk_jobs import bulk_job_preview, bulk_job_submit
from core.db.context import acting
from core.db.roles import Role
from tests.audit.bulk_rows import make_ground

REASONS = "The same advertisement was sent to hundreds of people."


def ids(cases: Iterable[Case]) -> list[UUID]:
    return [case.pk for case in cases]


def preview(actor: User, cases: Iterable[Case], role: Role = Role.MODERATOR, **options: Any) -> BulkJob:
    values: dict[str, Any] = {"title": "Spam", "outcome": "no_violation", "reasons": REASONS, **options}
    with acting(role, user_id=actor.pk):
        return bulk_job_preview(case_ids=ids(cases), actor=actor, **values)


def submit(job: BulkJob, role: Role = Role.MODERATOR) -> BulkJob:
    with acting(role, user_id=job.created_by_id):
        return bulk_job_submit(bulk_job_id=job.pk, actor=job.created_by)


def bars(actor: User, cases: Iterable[Case], **options: Any) -> BulkJob:
    """A submitted job that bars people from the chat, for a strike that reaches no step of the ladder."""
    job = preview(
        actor,
        cases,
        outcome="violation",
        policy_version_id=make_ground(points=1).pk,
        effects=[EffectKind.BAR_CHAT],
        **options,
    )
    return submit(job)
