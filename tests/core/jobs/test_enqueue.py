"""Work is put into the queue with its cause: in its transaction, by any role, small and without reading."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection, transaction

from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.jobs.arguments import read
from core.jobs.errors import BadArguments
from core.jobs.job import Job, job, register
from core.models import QueuedJob
from tests.core.jobs import jobs as work
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

SOMEBODY = UUID("019a0000-0000-7000-8000-000000000001")


class TestWithItsCause:
    def test_what_is_rolled_back_enqueues_nothing(self) -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            work.effect.enqueue(what="cake")
            assert QueuedJob.objects.count() == 1
            raise RuntimeError
        assert not QueuedJob.objects.exists()

    def test_person_and_request_are_carried_along(self) -> None:
        request = uuid4()
        with acting(Role.VIEWER, user_id=SOMEBODY, request_id=request):
            number = work.effect.enqueue(what="cake")
        queued = QueuedJob.objects.get(pk=number)
        assert queued.args == {
            "arguments": {"what": "cake"},
            "cause": {"actor": str(SOMEBODY), "request": str(request)},
        }
        assert (queued.queue_name, queued.status, str(queued)) == ("default", "todo", f"test_effect {number}")

    def test_it_runs_no_earlier_than_told(self) -> None:
        moment = datetime(2030, 1, 1, tzinfo=UTC)
        number = work.effect.enqueue(what="cake", run_at=moment)
        assert QueuedJob.objects.get(pk=number).scheduled_at == moment


class TestRoles:
    @pytest.mark.parametrize("role", [Role.APP, *ACTING_ROLES])
    def test_everybody_puts_work_in_and_nobody_writes_the_tables(self, role: Role) -> None:
        with acting(role):
            assert work.effect.enqueue(what="cake")
            for statement in (
                "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('maintenance', 'x')",
                "UPDATE procrastinate_jobs SET status = 'todo'",
                "DELETE FROM procrastinate_jobs",
                "SELECT procrastinate_defer_jobs_v1(NULL)",
            ):
                with refused("permission denied"):
                    run(statement)

    @pytest.mark.parametrize(
        "role",
        [
            role
            for role in (Role.APP, *ACTING_ROLES)
            if role not in (Role.WORKER, Role.AUDITOR, Role.ADMINISTRATOR)
        ],
    )
    def test_most_read_nothing_and_take_nothing_out(self, role: Role) -> None:
        with acting(role):
            for statement in (
                "SELECT FROM procrastinate_jobs",
                "SELECT FROM core_jobreceipt",
                "SELECT procrastinate_fetch_job_v2(NULL, NULL)",
                "SELECT procrastinate_finish_job_v1(1, 'succeeded', true)",
                "SELECT job_recover(0, 1)",
                "SELECT job_run_again(1)",
                "SELECT job_give_up(1)",
            ):
                with refused("permission denied"):
                    run(statement)

    def test_librarys_functions_look_nothing_up_in_schemas_of_the_caller(self) -> None:
        assert (
            run(
                "SELECT proname FROM pg_proc WHERE proname ~ '^procrastinate_' AND prosecdef AND NOT coalesce("
                "'search_path=pg_catalog, vbl, extensions, pg_temp' = ANY(proconfig), false)"
            )
            == []
        )


class TestTheSameWorkWaitsOnce:
    def test_a_second_one_is_the_first(self) -> None:
        first = work.effect.enqueue(what="cake", key="user 7")
        assert work.effect.enqueue(what="cake", key="user 7") == first
        assert work.effect.enqueue(what="cake", key="user 8") != first
        assert work.outside.enqueue(what="cake", key="user 7") != first
        run("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [first])
        assert work.effect.enqueue(what="cake", key="user 7") != first

    @pytest.mark.django_db(transaction=True)
    def test_no_worker_takes_it_before_the_second_cause_is_committed(self) -> None:
        first = work.effect.enqueue(what="cake", key="user 7")
        with psycopg.connect(**_parameters(), autocommit=True) as worker:
            with transaction.atomic():
                assert work.effect.enqueue(what="cake", key="user 7") == first
                assert worker.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)").fetchone() == (
                    None,
                )
            assert worker.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)").fetchone() == (
                first,
            )


def _parameters() -> dict[str, object]:
    parameters = connection.get_connection_params()
    return {name: parameters[name] for name in ("dbname", "user", "password", "host", "port")}


def takes_typed(user_id: UUID, days: list[date], at: datetime | None = None, count: int = 0) -> None:
    """For the arguments below."""


class TestArguments:
    def test_ids_and_times_come_back_as_what_they_were(self) -> None:
        given = {
            "user_id": SOMEBODY,
            "days": [date(2026, 3, 1)],
            "at": datetime(2026, 3, 1, tzinfo=UTC),
            "count": 3,
        }
        number = Job(name="typed", function=takes_typed).enqueue(**given)
        assert read(takes_typed, QueuedJob.objects.get(pk=number).args["arguments"]) == given

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"what": "x" * 201}, "at most 200 characters"),
            ({"what": {"name": "Bob"}}, "give the id of the row"),
            ({"what": b"x"}, "give the id of the row"),
            ({}, "missing a required argument"),
            ({"who": "x", "what": "y"}, "unexpected keyword argument"),
        ],
    )
    def test_contents_and_wrong_names_are_refused(self, given: dict[str, object], words: str) -> None:
        with pytest.raises(BadArguments, match=words):
            work.effect.enqueue(**given)
        assert not QueuedJob.objects.exists()

    @pytest.mark.parametrize(
        "values",
        [
            ("default", "Big Name", "{}", None),
            ("Default", "name", "{}", None),
            ("default", "name", "[]", None),
            ("default", "name", '{"a": "%s"}' % ("x" * 5000), None),
            ("default", "name", "{}", "k" * 201),
        ],
    )
    def test_the_database_refuses_them_too(self, values: tuple) -> None:
        with refused("ids, not contents"):
            run("SELECT job_enqueue(%s, %s, %s::jsonb, %s, NULL)", values)


class TestDeclaring:
    def test_names_are_unique_and_in_lower_case(self) -> None:
        with pytest.raises(ValueError, match="two jobs called test_effect"):
            register(Job(name="test_effect", function=print))
        with pytest.raises(ValueError, match="lower case"):
            job(name="Effect")(lambda: None)

    def test_a_job_can_still_be_called(self, effects: Callable[[], list[str]]) -> None:
        work.effect(what="cake")
        assert effects() == ["cake"]
