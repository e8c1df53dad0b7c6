"""The record of jobs. Jobs open `core.jobs.runs.run_of(name)`; what is here listens to it."""

import json
from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from audit.choices import RunOutcome
from audit.errors import RunEnded
from core.jobs.failures import failure_words


def job_run_begin(*, name: str) -> UUID:
    """Note that a job begins; returns the id of its run."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT job_run_begin(%s)", [name])
        (run_id,) = cursor.fetchone()
    return UUID(str(run_id))


def job_run_end(*, run_id: UUID, counts: Mapping[str, int], failure: BaseException | None = None) -> None:
    """Note how a run ended. Raises RunEnded when it has ended before, or there is none with this id."""
    outcome = RunOutcome.SUCCEEDED if failure is None else RunOutcome.FAILED
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT job_run_end(%s, %s, %s::jsonb, %s)",
            [
                run_id,
                outcome.value,
                json.dumps(dict(counts)),
                None if failure is None else failure_words(failure),
            ],
        )
        (ended,) = cursor.fetchone()
    if not ended:
        raise RunEnded(f"The run {run_id} has ended before, or there is none.")
