"""What staff may decide about a job: run a dead letter again, or give one up."""

from typing import Any

from django.db import connection, transaction

from core.announcements import Announcement
from core.choices import IncidentKind
from core.jobs.announcements import job_given_up, job_ran_again
from core.jobs.errors import JobNotFailed, JobNotWaiting, JobUnknown, SameWorkWaits
from core.jobs.job import job_named
from core.models import JobIncident, QueuedJob

STATES = {
    "todo": "waits",
    "doing": "runs now",
    "succeeded": "is done",
    "failed": "has failed",
    "cancelled": "was given up",
    "aborting": "is being stopped",
    "aborted": "was stopped",
}
"""How a job stands, in words."""


@transaction.atomic
def job_run_again(*, job_id: int, actor: Any, reason: str) -> QueuedJob:
    """Put a dead letter back into the queue: it is tried once more, as soon as a worker is free.

    Locks: the job. Raises: JobUnknown (there is none, or its code is not in this release), JobNotFailed,
    SameWorkWaits. Announces: `job_run_again`.
    """
    job = _existing(job_id)
    job_named(job.task_name)
    outcome = _ask("job_run_again", job_id)
    if outcome == "superseded":
        raise SameWorkWaits(f"{job} was not run again: the same work waits in the queue already.")
    if outcome != "again":
        raise JobNotFailed(
            f"{job} {STATES.get(outcome, outcome)}: only a job that has failed can be run again."
        )
    _record(
        job,
        IncidentKind.RUN_AGAIN,
        "Staff had it run again; the trail says why.",
        job_ran_again,
        actor,
        reason,
    )
    return job


@transaction.atomic
def job_give_up(*, job_id: int, actor: Any, reason: str) -> QueuedJob:
    """Take a waiting job out of the queue, or a dead letter off the list. Its work is not done.

    Locks: the job. Raises: JobUnknown, JobNotWaiting. Announces: `job_given_up`.
    """
    job = _existing(job_id)
    outcome = _ask("job_give_up", job_id)
    if outcome != "given_up":
        raise JobNotWaiting(
            f"{job} {STATES.get(outcome, outcome)}: only what waits or has failed can be given up."
        )
    _record(job, IncidentKind.GIVEN_UP, "Staff gave it up; the trail says why.", job_given_up, actor, reason)
    return job


def _existing(number: int) -> QueuedJob:
    job = QueuedJob.objects.filter(pk=number).first()
    if job is None:
        raise JobUnknown(f"There is no job {number}: it was removed some time after its end.")
    return job


def _ask(function: str, number: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [number])
        (outcome,) = cursor.fetchone()
    return str(outcome)


def _record(
    job: QueuedJob, kind: IncidentKind, words: str, announcement: Announcement, actor: Any, reason: str
) -> None:
    """Keep the decision beside the job, and announce it: numbers of the queue are no subjects of the trail."""
    incident = JobIncident.objects.create(job=job, kind=kind, attempt=job.attempts, words=words)
    announcement.send(
        sender=JobIncident,
        actor=actor,
        subject=incident,
        reason=reason,
        changed=("status",),
        detail={"job": job.pk, "name": job.task_name},
    )
