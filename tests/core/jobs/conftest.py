"""The table in which jobs of the tests leave their effect."""

from collections.abc import Callable

import pytest

from tests.sql import run


@pytest.fixture
def effects(db: None) -> Callable[[], list[str]]:
    """What the jobs did, in order."""
    run(
        "CREATE TABLE IF NOT EXISTS effect (what text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )
    run("GRANT SELECT, INSERT ON effect TO vbl_worker")
    return lambda: [what for (what,) in run("SELECT what FROM effect ORDER BY at")]


@pytest.fixture
def enqueued() -> Callable[..., int]:
    """Put a job into the queue by SQL, in a state: `enqueued("test_effect", status="failed")`."""

    def make(
        name: str = "test_effect", status: str = "todo", queue: str = "default", key: str | None = None
    ) -> int:
        ((number,),) = run("SELECT job_enqueue(%s, %s, '{}', %s, NULL)", [queue, name, key])
        if status != "todo":
            run("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [number])
        if status not in ("todo", "doing"):
            run(
                "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE id = %s",
                [status, number],
            )
        return int(number)

    return make
