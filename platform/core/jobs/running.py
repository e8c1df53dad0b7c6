"""One run of one job: in its role, with its receipt, its log and, when it fails, the reason kept."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid5

import structlog
from django.db import DatabaseError, InterfaceError, connection

from core.choices import IncidentKind
from core.db.context import acting
from core.jobs.arguments import read
from core.jobs.failures import failure_words
from core.jobs.job import IDEMPOTENCY_KEY, Job
from core.models import JobIncident, JobReceipt

KEYS = UUID("6f1f1b0a-6d0e-5f0a-9a55-0d5a0c6f4b11")
"""Namespace of idempotency keys (RFC 9562, version 5); never changed, or a repeated call would look like a new one."""

logger = structlog.get_logger(__name__)


def run_job(
    declared: Job,
    *,
    number: int,
    attempt: int,
    arguments: Mapping[str, Any],
    cause: Mapping[str, str],
) -> None:
    """Do the work of the job `number` unless its receipt says that it is done. `attempt` counts from 1.

    `cause` holds the ids of the person and the request that enqueued it, where there were any. Whatever the work
    raises goes on to the caller, after the reason was written down.
    """
    actor = UUID(cause["actor"]) if "actor" in cause else None
    request = UUID(cause["request"]) if "request" in cause else None
    with (
        structlog.contextvars.bound_contextvars(
            job=number, job_name=declared.name, attempt=attempt, request_id=str(request or "")
        ),
        _told(declared, number, attempt),
    ):
        values = read(declared.function, arguments) if arguments else {}
        if declared.wants_key:
            values[IDEMPOTENCY_KEY] = idempotency_key(declared.name, number, arguments)
        if declared.atomic:
            # The receipt first: whoever runs the same job at the same time waits here for our end.
            with acting(declared.role, user_id=actor, request_id=request, durable=True):
                if _take_receipt(number, attempt):
                    declared.function(**values)
                else:
                    logger.info("the job was done before")
            return
        with acting(declared.role):
            done = JobReceipt.objects.filter(job_id=number).exists()
        if done:
            logger.info("the job was done before")
            return
        declared.function(**values)
        with acting(declared.role, user_id=actor, request_id=request, durable=True):
            _take_receipt(number, attempt)


def idempotency_key(name: str, number: int, arguments: Mapping[str, Any]) -> UUID:
    """The same for every attempt of a job, and for no other job.

    The arguments are part of it: after a restore to an earlier time a number may be given again to other work.
    """
    told = ",".join(f"{key}={arguments[key]!r}" for key in sorted(arguments))
    return uuid5(KEYS, f"{name} {number} {told}")


def _take_receipt(number: int, attempt: int) -> bool:
    """Write the receipt of the present transaction; False when the job is done already."""
    table = connection.ops.quote_name(JobReceipt._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (job_id, attempt) VALUES (%s, %s) ON CONFLICT DO NOTHING", [number, attempt]
        )
        return bool(cursor.rowcount)


@contextmanager
def _told(declared: Job, number: int, attempt: int) -> Iterator[None]:
    """Log beginning and end, and keep the reason of a failure beside the job."""
    begun = time.monotonic()
    logger.info("job begun")
    try:
        yield
    except BaseException as failure:
        words = failure_words(failure)
        logger.warning("job failed", seconds=round(time.monotonic() - begun, 3), failure=words)
        _keep(declared, number, attempt, words)
        raise
    logger.info("job ended", seconds=round(time.monotonic() - begun, 3))


def _keep(declared: Job, number: int, attempt: int, words: str) -> None:
    try:
        with acting(declared.role, durable=True):
            JobIncident.objects.create(job_id=number, kind=IncidentKind.FAILED, attempt=attempt, words=words)
    except (DatabaseError, InterfaceError) as error:
        # The failure itself is more telling than that it could not be noted.
        logger.error("the reason could not be kept", error=type(error).__name__)
