"""Health: what each check finds, as a command and for monitors."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from analytics.models import RollupState
from config.health import readiness
from core.db.context import acting
from core.db.roles import Role
from core.health import Finding, State, failed, health_check, ok, registry, take_health, warning
from core.health.checks import is_overdue
from core.jobs.schedule import Scheduled
from tests.sql import run

pytestmark = pytest.mark.django_db

Enqueued = Callable[..., int]


@pytest.fixture(autouse=True)
def _worker() -> None:
    """A worker that is alive; the rest of a fresh database is well."""
    readiness.forget()
    run("INSERT INTO procrastinate_workers DEFAULT VALUES")
    # The database of a long run of tests was migrated longer ago than the schedule may be late.
    run("UPDATE django_migrations SET applied = now() WHERE app = 'core'")


def told() -> tuple[int, dict[str, Any]]:
    """Exit status and findings of the command."""
    from io import StringIO

    out = StringIO()
    try:
        call_command("health", json=True, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), json.loads(out.getvalue())["checks"]
    return 0, json.loads(out.getvalue())["checks"]


def state(name: str) -> tuple[int, str]:
    status, checks = told()
    return status, checks[name]["state"]


def test_all_is_well() -> None:
    status, checks = told()
    assert status == 0, checks
    assert {
        "database",
        "migrations",
        "partitions",
        "workers",
        "job_lag",
        "schedule",
        "dead_letters",
        "seals",
        "figures",
    } <= set(checks)
    assert {check["state"] for check in checks.values()} == {"ok"}


def test_the_login_role_may_ask_it_all() -> None:
    with acting(Role.APP):
        assert take_health().state is State.OK


@pytest.mark.parametrize(
    ("behind", "expected"),
    [(timedelta(minutes=1), "ok"), (timedelta(hours=1), "warning"), (timedelta(days=1), "failed")],
)
def test_roll_ups_that_are_behind(behind: timedelta, expected: str) -> None:
    now = timezone.now()
    RollupState.objects.create(name="of_today", caught_up_at=now)
    RollupState.objects.create(name="of_then", caught_up_at=now - behind)
    assert told()[1]["figures"]["state"] == expected


def test_partitions_that_are_missing() -> None:
    newest = run(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = 'audit_event'::regclass ORDER BY c.relname DESC LIMIT 3"
    )
    for (name,) in newest:
        run(f"DROP TABLE {name}")
    assert state("partitions") == (1, "failed")
    assert "audit_event" in told()[1]["partitions"]["words"]


def test_migrations_that_are_missing() -> None:
    run("DELETE FROM django_migrations WHERE app = 'audit' AND name = '0002_trail_functions'")
    assert state("migrations") == (1, "failed")


def test_no_worker_or_only_dead_ones() -> None:
    run("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '5 min'")
    assert state("workers") == (1, "failed")


@pytest.mark.parametrize(
    ("seconds", "expected"), [(10, (0, "ok")), (90, (0, "warning")), (400, (1, "failed"))]
)
def test_work_that_waits(seconds: int, expected: tuple[int, str], enqueued: Enqueued) -> None:
    number = enqueued()
    run(
        "UPDATE procrastinate_events SET at = now() - make_interval(secs => %s) WHERE job_id = %s",
        [seconds, number],
    )
    assert state("job_lag") == expected
    run("UPDATE procrastinate_jobs SET scheduled_at = now() - make_interval(secs => %s)", [seconds])
    assert state("job_lag") == expected
    run("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 day'")
    assert state("job_lag") == (0, "ok")


def test_dead_letters(enqueued: Enqueued) -> None:
    enqueued(status="failed")
    assert state("dead_letters") == (0, "warning")
    for _ in range(20):
        enqueued(status="failed")
    assert state("dead_letters") == (1, "failed")


def test_a_schedule_that_is_not_kept() -> None:
    run(
        "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp) VALUES ('quarantines_end', 1)"
    )
    assert state("schedule") == (1, "failed")
    assert "quarantines_end" in told()[1]["schedule"]["words"]


@pytest.mark.parametrize(
    ("last", "overdue"),
    [(timedelta(hours=25), True), (timedelta(hours=23), True), (timedelta(minutes=10), False)],
)
def test_when_an_entry_is_overdue(last: timedelta, overdue: bool) -> None:
    now = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
    assert is_overdue(Scheduled("x", "20 3 * * *", "x"), last=now - last, now=now) is overdue


def test_an_entry_that_never_ran_counts_from_the_release_that_brought_it() -> None:
    entry, now = Scheduled("x", "0 * * * *", "x"), datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
    assert is_overdue(entry, last=now - timedelta(hours=2), now=now)
    assert not is_overdue(entry, last=now - timedelta(minutes=10), now=now)
    assert not is_overdue(entry, last=None, now=now)


class TestRegistry:
    @pytest.fixture(autouse=True)
    def _own_checks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        take_health()
        monkeypatch.setattr(registry, "_checks", {})

    def test_the_worst_finding_counts(self) -> None:
        health_check("sun")(lambda: ok("It shines.", hours=8))
        assert take_health().state is State.OK
        health_check("wind")(lambda: warning("It blows."))
        assert take_health().state is State.WARNING
        health_check("roof")(lambda: failed("It is gone."))
        health = take_health()
        assert health.state is State.FAILED
        assert health.as_json()["checks"]["sun"] == {"state": "ok", "words": "It shines.", "hours": 8}

    def test_a_check_that_breaks_has_failed_and_the_others_are_asked(self) -> None:
        def broken() -> Finding:
            run("SELECT secret FROM nowhere")
            return ok("")

        health_check("broken")(broken)
        health_check("asks")(lambda: ok(str(run("SELECT 1"))))
        findings = take_health().findings
        assert (findings["broken"].state, findings["asks"].state) == (State.FAILED, State.OK)
        assert "secret" not in findings["broken"].words

    def test_names_are_unique(self) -> None:
        health_check("sun")(lambda: ok(""))
        with pytest.raises(ValueError, match="two checks"):
            health_check("sun")(lambda: ok(""))


class TestEndpoint:
    def test_monitors_get_everything(self) -> None:
        answer = Client().get("/readyz", headers={"host": "10.0.0.7"})
        assert answer.status_code == 200
        assert answer.json()["state"] == "ok"
        assert answer.headers["Cache-Control"] == "no-store"

    def test_one_failure_is_503_and_the_balancer_goes_on(self) -> None:
        run("DELETE FROM procrastinate_workers")
        answer = Client().get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["workers"]["state"]) == (503, "failed")
        assert Client().get("/healthz").status_code == 200

    def test_asking_often_does_not_make_the_database_work(self, django_assert_num_queries: Callable) -> None:
        first = Client().get("/readyz").json()
        with django_assert_num_queries(0):
            assert Client().get("/readyz").json() == first

    def test_few_questions_are_asked(self, django_assert_max_num_queries: Callable) -> None:
        take_health()
        with django_assert_max_num_queries(45):
            Client().get("/readyz")

    def test_a_database_that_does_not_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from django.db import OperationalError

        def broken() -> None:
            raise OperationalError("password of vbl_app is wrong")

        monkeypatch.setattr(connection, "cursor", broken)
        answer = Client().get("/readyz")
        assert answer.status_code == 503
        assert "password" not in answer.content.decode()


def test_text_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("health")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:2] == ["ok", "database"]
    assert any("alive 1" in line for line in lines)
