"""One run of a job: its receipt, its role, its failure."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest

from core.choices import IncidentKind
from core.db.context import current
from core.db.roles import Role
from core.errors import Refused
from core.jobs.job import Job
from core.jobs.retries import ONCE, Backoff
from core.jobs.running import idempotency_key, run_job
from core.models import JobIncident, JobReceipt
from tests.core.jobs import jobs as work
from tests.sql import run

pytestmark = pytest.mark.django_db(transaction=True)

Effects = Callable[[], list[str]]
Enqueued = Callable[..., int]


def go(declared: Job, number: int, attempt: int = 1, **arguments: object) -> None:
    run_job(declared, number=number, attempt=attempt, arguments=arguments, cause={})


def test_effect_and_receipt_are_one(effects: Effects, enqueued: Enqueued) -> None:
    number = enqueued()
    go(work.effect, number, what="cake")
    assert effects() == ["cake"]
    assert JobReceipt.objects.values_list("job_id", "attempt").get() == (number, 1)


def test_what_has_a_receipt_is_not_done_again(effects: Effects, enqueued: Enqueued) -> None:
    number = enqueued()
    go(work.effect, number, what="cake")
    go(work.effect, number, attempt=2, what="cake")
    assert effects() == ["cake"]


def test_a_failure_undoes_effect_and_receipt_and_is_kept_in_our_words(
    effects: Effects, enqueued: Enqueued
) -> None:
    number = enqueued("test_broken")
    with pytest.raises(ValueError, match="bob@"):
        go(work.broken, number)
    with pytest.raises(Refused):
        go(work.refused, number, attempt=2)
    assert effects() == []
    assert not JobReceipt.objects.exists()
    assert list(JobIncident.objects.order_by("id").values_list("kind", "attempt", "words")) == [
        (IncidentKind.FAILED, 1, "ValueError"),
        (IncidentKind.FAILED, 2, "Refused: The moon is in the wrong quarter."),
    ]


def test_it_acts_as_the_worker_in_the_name_of_who_caused_it(enqueued: Enqueued) -> None:
    seen: list[object] = []

    def look() -> None:
        seen.extend([current(), *run("SELECT current_user::text, current_setting('app.user_id')")[0]])

    person = "019a0000-0000-7000-8000-000000000001"
    request = "019a0000-0000-7000-8000-000000000002"
    run_job(
        Job(name="look", function=look),
        number=enqueued(),
        attempt=1,
        arguments={},
        cause={"actor": person, "request": request},
    )
    context, role, user = seen
    assert (context.role, str(context.user_id), str(context.request_id)) == (Role.WORKER, person, request)
    assert (role, user) == ("vbl_worker", person)


def test_what_calls_the_outside_gets_the_same_key_each_time(effects: Effects, enqueued: Enqueued) -> None:
    number = enqueued("test_outside")
    go(work.outside, number, what="charge")
    run("DELETE FROM core_jobreceipt")  # as if the worker had been killed after the call
    go(work.outside, number, attempt=2, what="charge")
    first, second = effects()
    assert first == second == f"charge {idempotency_key('test_outside', number, {'what': 'charge'})}"
    go(work.outside, number, attempt=3, what="charge")
    assert len(effects()) == 2
    keys = {
        idempotency_key(name, job, {"what": what})
        for name in ("a", "b")
        for job in (1, 2)
        for what in ("x", "y")
    }
    assert len(keys) == 8
    assert all(isinstance(key, UUID) for key in keys)


class TestBackoff:
    def decide(self, backoff: Backoff, attempts: int, failure: BaseException) -> object:
        return backoff.get_retry_decision(exception=failure, job=SimpleNamespace(attempts=attempts))

    def test_waits_grow_up_to_a_limit_and_differ(self) -> None:
        backoff = Backoff(attempts=10, first=10, factor=2, longest=100)
        for attempt, longest in ((1, 10), (2, 20), (4, 80), (5, 100), (9, 100)):
            waits = {backoff.wait(attempt) for _ in range(50)}
            assert len(waits) > 1
            assert all(timedelta(seconds=longest / 2) <= wait <= timedelta(seconds=longest) for wait in waits)

    def test_there_is_a_last_attempt_and_a_refusal_is_final(self) -> None:
        backoff = Backoff(attempts=3)
        assert self.decide(backoff, 0, ValueError())
        assert self.decide(backoff, 1, ValueError())
        assert self.decide(backoff, 2, ValueError()) is None
        assert self.decide(backoff, 0, Refused("No.")) is None
        assert self.decide(ONCE, 0, ValueError()) is None
