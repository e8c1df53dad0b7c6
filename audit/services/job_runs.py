"""The record of jobs. Jobs open `core.jobs.runs.run_of(name)`; what is here listens to it."""

import json
from collections.abc import Mapping
from uuid import UUID

from django.db import Error, connection

from audit.choices import RunOutcome
from audit.errors import RunEnded
from core.errors import Refused


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


def failure_words(failure: BaseException) -> str:
    """What a run keeps of its failure: the kind of error, and a sentence only where we wrote it.

    Sentences of PostgreSQL and of libraries may quote somebody's data.
    """
    kind = type(failure).__name__
    if isinstance(failure, Refused):
        return f"{kind}: {failure.message}"[:2000]
    if isinstance(failure, Error):
        diagnosis = getattr(failure.__cause__, "diag", None)
        parts = (getattr(diagnosis, name, None) for name in ("sqlstate", "table_name", "constraint_name"))
        return " ".join([kind, *(part for part in parts if part)])
    return kind
