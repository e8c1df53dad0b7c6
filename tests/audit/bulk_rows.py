"""Cases, decisions and bulk jobs written as the owner: valid rows, without the services under test."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import User
from audit.jobs import bulk_job_carry_out, bulk_job_take_back
from audit.models import BulkItem, BulkJob, Case, Decision, ModerationPolicy, PolicyVersion, Queue
from audit.moderation_choices import CaseStatus
from audit.services.decisions import case_decide
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory

_numbers = count(1)


def make_queue(**fields: Any) -> Queue:
    """A queue that is not the default one."""
    number = next(_numbers)
    return Queue.objects.create(**{"code": f"queue_{number}", "name": f"Queue {number}", **fields})


def make_case(person: User | None = None, *, queue: Queue | None = None, **fields: Any) -> Case:
    """A case about a person that waits."""
    now = timezone.now()
    person = person or UserFactory()
    values: dict[str, Any] = {
        "subject_kind": "person",
        "subject_id": person.pk,
        "person": person,
        "queue": queue or Queue.objects.get(is_default=True),
        "due_at": now + timedelta(hours=24),
        "first_reported_at": now,
        "last_reported_at": now,
        "report_count": 1,
        **fields,
    }
    return Case.objects.create(**values)


def make_cases(number: int, **fields: Any) -> list[Case]:
    """Several cases about as many people."""
    return [make_case(**fields) for _ in range(number)]


def hold(case: Case, moderator: User, until: datetime | None = None) -> Case:
    """Let a moderator hold a case."""
    Case.objects.filter(pk=case.pk).update(
        status=CaseStatus.CLAIMED,
        claimed_by=moderator,
        claimed_until=until or timezone.now() + timedelta(minutes=15),
    )
    return Case.objects.get(pk=case.pk)


def make_ground(points: int = 10) -> PolicyVersion:
    """A version of a policy that is in force."""
    number = next(_numbers)
    policy = ModerationPolicy.objects.create(code=f"ground_{number}")
    version = PolicyVersion.objects.create(
        policy=policy,
        number=1,
        title=f"Ground {number}",
        text="This is not allowed here.",
        ground="terms",
        transparency_category="STATEMENT_CATEGORY_OTHER",
        severity="medium",
        strike_points=points,
        strike_days=90,
    )
    PolicyVersion.objects.filter(pk=version.pk).update(
        status="published", effective_at=timezone.now() - timedelta(seconds=1)
    )
    return PolicyVersion.objects.get(pk=version.pk)


def make_job(creator: User, cases: Iterable[Case], role: Role = Role.MODERATOR, **fields: Any) -> BulkJob:
    """A previewed job that finds no violation."""
    cases = list(cases)
    values: dict[str, Any] = {
        "title": "Nothing wrong",
        "outcome": "no_violation",
        "reasons": "There is nothing against it.",
        "item_count": len(cases),
        "created_by": creator,
        "acting_role": role.value,
        **fields,
    }
    job = BulkJob.objects.create(**values)
    for case in cases:
        BulkItem.objects.create(job=job, case=case, person_id=case.person_id)
    return job


def make_decision(case: Case, actor: User, **fields: Any) -> Decision:
    """A decision that finds no violation, on a case in whatever state."""
    now = timezone.now()
    values: dict[str, Any] = {
        "id": uuid7(),
        "case": case,
        "person_id": case.person_id,
        "outcome": "no_violation",
        "reasons": "There is nothing against it.",
        "decided_by": actor,
        "acting_role": Role.MODERATOR.value,
        "decided_at": now,
        "appeal_until": now + timedelta(days=184),
        **fields,
    }
    return Decision.objects.create(**values)


def carry_out(job: BulkJob) -> None:
    """What a worker does with a submitted job."""
    bulk_job_carry_out(bulk_job_id=job.pk)


def take_back(job: BulkJob) -> None:
    """What a worker does with a job that is to be undone."""
    bulk_job_take_back(bulk_job_id=job.pk)


def decided(case: Case, moderator: User, role: Role = Role.MODERATOR) -> Decision:
    """The case decided by a moderator: no violation."""
    with acting(role, user_id=moderator.pk):
        return case_decide(
            case_id=case.pk, actor=moderator, outcome="no_violation", reasons="There is nothing against it."
        )
