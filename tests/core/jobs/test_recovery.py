"""Jobs of workers that gave no sign of life."""

from collections.abc import Callable

import pytest

from core.choices import IncidentKind
from core.models import JobIncident, JobReceipt
from tests.sql import run

pytestmark = pytest.mark.django_db

Enqueued = Callable[..., int]


@pytest.fixture
def lost(enqueued: Enqueued) -> Callable[..., int]:
    """A job that a dead worker has."""

    def make(**options: str) -> int:
        number = enqueued(status="doing", **options)
        ((worker,),) = run(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 min') RETURNING id"
        )
        run("UPDATE procrastinate_jobs SET worker_id = %s WHERE id = %s", [worker, number])
        return number

    return make


def recover() -> list[tuple]:
    return run("SELECT number, outcome FROM job_recover(30, 3)")


def status(number: int) -> str:
    return run("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [number])[0][0]


def test_it_is_put_back(lost: Callable[..., int]) -> None:
    number = lost()
    assert recover() == [(number, "again")]
    assert status(number) == "todo"
    assert JobIncident.objects.get().kind == IncidentKind.LOST
    assert recover() == []


def test_one_whose_worker_lives_is_left_alone(lost: Callable[..., int]) -> None:
    number = lost()
    run("UPDATE procrastinate_workers SET last_heartbeat = now()")
    assert recover() == []
    assert status(number) == "doing"


def test_one_whose_worker_was_forgotten_is_found_too(lost: Callable[..., int]) -> None:
    number = lost()
    run("SELECT procrastinate_prune_stalled_workers_v1(30)")
    assert recover() == [(number, "again")]


def test_one_with_a_receipt_is_done(lost: Callable[..., int]) -> None:
    number = lost()
    JobReceipt.objects.create(job_id=number, attempt=1)
    assert recover() == [(number, "done")]
    assert status(number) == "succeeded"


def test_one_that_kills_its_worker_each_time_becomes_a_dead_letter(lost: Callable[..., int]) -> None:
    number = lost()
    for expected in ("again", "again", "failed"):
        run("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [number])
        assert recover() == [(number, expected)]
    assert status(number) == "failed"
    assert "vanished 3 times" in JobIncident.objects.order_by("-id")[0].words


def test_one_whose_work_waits_already_is_ended(lost: Callable[..., int], enqueued: Enqueued) -> None:
    number = lost(key="user 7")
    waiting = enqueued(key="user 7")
    assert recover() == [(number, "superseded")]
    assert (status(number), status(waiting)) == ("aborted", "todo")
