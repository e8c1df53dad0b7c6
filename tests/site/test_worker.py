"""Workers as processes, on the real logins: killed, stopped, doubled. Nothing is lost and nothing happens twice."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from core.db.roles import LOGIN_ROLES, Role
from tests.core.jobs.jobs import GATE
from tests.database import ROOT, Databases

PATIENCE = 60


def eventually(condition: Callable[[], Any], what: str) -> Any:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited in vain: {what}")


@dataclass
class House:
    """A database with its logins, and the worker processes of a test.

    Workers connect to the server itself (`urls`); what a site does goes through the pooler (`site_url`).
    """

    urls: dict[Role, str]
    site_url: str
    superuser: str
    log: Path
    processes: list[subprocess.Popen] = field(default_factory=list)

    @classmethod
    def on(cls, databases: Databases, name: str, log: Path) -> Self:
        """On a fresh clone of the template."""
        databases.clone(name)
        urls = {role: databases.url(name, role.value) for role in LOGIN_ROLES}
        return cls(urls, databases.url(name, Role.APP.value, pooled=True), databases.superuser, log)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.urls[Role.APP],
            "OWNER_DATABASE_URL": self.urls[Role.OWNER],
            "DJANGO_SETTINGS_MODULE": "tests.core.jobs.settings",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "KEYS_DIRECTORY": str(self.log.parent / "keys"),
            "JOB_HEARTBEAT_SECONDS": "0.3",
            "JOB_STALLED_SECONDS": "2",
        }

    def sql(self, statement: str, *parameters: object, role: Role = Role.OWNER) -> list[tuple]:
        url = self.site_url if role is Role.APP else self.urls[role]
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def enqueue(
        self,
        name: str,
        queue: str = "default",
        key: str | None = None,
        run_at: datetime | None = None,
        **arguments: object,
    ) -> int:
        role = Role.OWNER if queue == "maintenance" else Role.APP
        ((number,),) = self.sql(
            "SELECT job_enqueue(%s, %s, %s::jsonb, %s, %s)",
            queue,
            name,
            json.dumps(arguments),
            key,
            run_at,
            role=role,
        )
        return number

    def start(self, command: str = "worker", *options: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "manage.py", command, "--polling", "0.5", *options],
            cwd=ROOT,
            env=self.environment,
            stderr=self.log.open("a"),
        )
        self.processes.append(process)
        return process

    def manage(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment | {"DATABASE_URL": self.site_url},
            capture_output=True,
            text=True,
            check=False,
        )

    def status(self, number: int) -> str:
        ((status,),) = self.sql("SELECT status::text FROM procrastinate_jobs WHERE id = %s", number)
        return status

    def ended(self, number: int) -> str:
        """Wait for the end of a job; how it ended."""
        return eventually(
            lambda: (status := self.status(number)) not in ("todo", "doing") and status,
            f"the end of {number}",
        )

    def effects(self, what: str) -> int:
        ((count,),) = self.sql("SELECT count(*) FROM effect WHERE what = %s", what)
        return count

    def waits_for(self, query: str) -> bool:
        """Whether a session stands waiting for a lock in a statement such as this."""
        with psycopg.connect(self.superuser) as cluster:
            found = cluster.execute(
                "SELECT FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock' AND query LIKE %s",
                [self.urls[Role.OWNER].rpartition("/")[2], query],
            )
            return bool(found.fetchall())

    def stop_all(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def house(test_databases: Databases, tmp_path: Path) -> Iterator[House]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
    name = f"{test_databases.run}_jobs_{worker}"
    house = House.on(test_databases, name, tmp_path / "workers.log")
    house.sql("CREATE TABLE effect (what text NOT NULL, at timestamptz NOT NULL DEFAULT now())")
    house.sql("GRANT INSERT ON effect TO vbl_worker")
    # The database of a long run of tests was migrated longer ago than the schedule may be late.
    house.sql("UPDATE django_migrations SET applied = now() WHERE app = 'core'")
    yield house
    house.stop_all()


@contextlib.contextmanager
def held(house: House, statement: str, *parameters: object) -> Iterator[None]:
    """Hold what a statement locks until the block ends."""
    with psycopg.connect(house.urls[Role.OWNER]) as connection:
        connection.execute(statement, parameters)  # type: ignore[arg-type]
        yield
        connection.rollback()


def gate(house: House) -> contextlib.AbstractContextManager[None]:
    return held(house, "SELECT pg_advisory_xact_lock(%s)", GATE)


AT_THE_GATE = "%pg_advisory_xact_lock_shared%"


def test_a_worker_killed_in_the_middle_of_the_effect_loses_and_doubles_nothing(house: House) -> None:
    with gate(house):
        number = house.enqueue("test_gated_effect", what="cake")
        first = house.start()
        eventually(lambda: house.waits_for(AT_THE_GATE), "the job at its gate")
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert house.status(number) == "doing"
    house.start()
    assert house.ended(number) == "succeeded"
    assert house.effects("cake") == 1
    assert house.sql("SELECT kind FROM core_jobincident WHERE job_id = %s AND kind = 'lost'", number)
    assert house.sql("SELECT count(*) FROM core_jobreceipt WHERE job_id = %s", number) == [(1,)]


def test_a_worker_killed_between_effect_and_word_to_the_queue_doubles_nothing(house: House) -> None:
    with contextlib.ExitStack() as queue:
        with gate(house):
            number = house.enqueue("test_gated_effect", what="cake")
            first = house.start()
            eventually(lambda: house.waits_for(AT_THE_GATE), "the job at its gate")
            # The worker will not be able to say that the job is done; its receipt is not in the way.
            queue.enter_context(
                held(house, "SELECT FROM procrastinate_jobs WHERE id = %s FOR NO KEY UPDATE", number)
            )
        eventually(lambda: house.effects("cake"), "the committed effect")
        eventually(lambda: house.waits_for("%procrastinate_finish_job_v1%"), "the word to the queue")
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert house.status(number) == "doing"
    house.start()
    assert house.ended(number) == "succeeded"
    assert house.effects("cake") == 1


def test_a_worker_that_only_seemed_dead_doubles_nothing(house: House) -> None:
    with gate(house):
        number = house.enqueue("test_gated_effect", what="cake")
        first = house.start()
        eventually(lambda: house.waits_for(AT_THE_GATE), "the job at its gate")
        first.send_signal(signal.SIGSTOP)
        house.start()
        eventually(lambda: house.waits_for("INSERT INTO %core_jobreceipt%"), "a second worker at the receipt")
        first.send_signal(signal.SIGCONT)
    assert house.ended(number) == "succeeded"
    for process in house.processes:
        process.send_signal(signal.SIGTERM)
    for process in house.processes:
        process.wait(timeout=PATIENCE)
    assert house.status(number) == "succeeded"
    assert house.effects("cake") == 1


def test_a_failure_does_not_come_back_where_the_same_work_waits(house: House) -> None:
    with gate(house):
        first = house.enqueue("test_gated_failure", key="x")
        worker = house.start()
        eventually(lambda: house.waits_for(AT_THE_GATE), "the job at its gate")
        # Due tomorrow: the other thread of the worker would take it at once.
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        second = house.enqueue("test_gated_failure", key="x", run_at=tomorrow)
        assert second != first
    assert house.ended(first) == "aborted"
    assert house.status(second) == "todo"
    assert ("superseded",) in house.sql("SELECT kind FROM core_jobincident WHERE job_id = %s", first)
    after = house.enqueue("test_effect", what="tea")
    assert house.ended(after) == "succeeded"
    assert worker.poll() is None


def test_a_worker_asked_to_stop_ends_its_job_first(house: House) -> None:
    with gate(house):
        number = house.enqueue("test_gated_effect", what="cake")
        worker = house.start()
        eventually(lambda: house.waits_for(AT_THE_GATE), "the job at its gate")
        worker.send_signal(signal.SIGTERM)
        later = house.enqueue("test_effect", what="tea")
    assert worker.wait(timeout=PATIENCE) == 0
    assert (house.status(number), house.effects("cake")) == ("succeeded", 1)
    assert house.status(later) == "todo"
    assert house.sql("SELECT count(*) FROM procrastinate_workers") == [(0,)]


def test_a_job_whose_code_is_gone_becomes_a_dead_letter_and_the_worker_goes_on(house: House) -> None:
    gone, next_one = house.enqueue("pigeon_send", user="7"), house.enqueue("test_effect", what="tea")
    worker = house.start()
    assert house.ended(gone) == "failed"
    assert house.ended(next_one) == "succeeded"
    assert worker.poll() is None
    ((kind, words),) = house.sql("SELECT kind, words FROM core_jobincident WHERE job_id = %s", gone)
    assert kind == "unknown"
    assert "This release has no job called pigeon_send" in words


def test_failures_are_tried_again_until_they_are_dead_letters_and_refusals_are_not(house: House) -> None:
    broken, refused = house.enqueue("test_broken"), house.enqueue("test_refused")
    house.start()
    assert (house.ended(broken), house.ended(refused)) == ("failed", "failed")
    assert house.sql("SELECT attempts FROM procrastinate_jobs ORDER BY id LIMIT 2") == [(3,), (1,)]
    assert house.effects("broken") == house.effects("refused") == 0
    words = house.sql("SELECT DISTINCT words FROM core_jobincident WHERE job_id = %s", broken)
    assert words == [("ValueError",)]
    assert house.sql("SELECT words FROM core_jobincident WHERE job_id = %s", refused) == [
        ("Refused: The moon is in the wrong quarter.",)
    ]


def test_two_schedulers_give_each_period_one_job(house: House) -> None:
    house.start()
    house.start()
    eventually(
        lambda: (
            house.sql("SELECT count(*) FROM procrastinate_workers") == [(2,)] and house.effects("tick") >= 4
        ),
        "two workers and four seconds",
    )
    for process in house.processes:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(timeout=PATIENCE) for process in house.processes] == [0, 0]
    assert (
        house.sql(
            "SELECT args ->> 'timestamp' FROM procrastinate_jobs WHERE task_name = 'tick' "
            "GROUP BY 1 HAVING count(*) > 1"
        )
        == []
    )
    done = house.sql(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tick' AND status = 'succeeded'"
    )
    assert done == [(house.effects("tick"),)]


def test_every_entry_of_the_schedule_runs_in_its_worker(house: House) -> None:
    from config.schedule import SCHEDULE

    numbers = {entry.command: house.enqueue(entry.command, entry.queue) for entry in SCHEDULE}
    for command in ("worker", "maintenance_worker"):
        assert house.start(command, "--once").wait(timeout=PATIENCE) == 0
    assert {name: house.status(number) for name, number in numbers.items()} == dict.fromkeys(
        numbers, "succeeded"
    ), house.sql("SELECT words FROM core_jobincident")
    runs = dict(house.sql("SELECT name, acting_role FROM audit_jobrun WHERE outcome = 'succeeded'"))
    assert set(runs) >= set(numbers)
    assert runs["partitions_maintain"] == Role.OWNER


def test_only_the_owner_gives_work_to_the_owners_queue(house: House) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only the owner gives it"):
        house.sql("SELECT job_enqueue('maintenance', 'partitions_maintain', '{}', NULL, NULL)", role=Role.APP)
    with psycopg.connect(house.urls[Role.APP]) as connection:
        number = house.enqueue("test_effect", what="tea")
        connection.execute("SET LOCAL ROLE vbl_worker")
        connection.execute("SELECT procrastinate_fetch_job_v2(NULL, NULL)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only the owner gives it"):
            connection.execute(
                "SELECT procrastinate_retry_job_v2(%s, NULL, NULL, 'maintenance', NULL)", [number]
            )


def test_a_worker_says_nothing_of_arguments(house: House) -> None:
    number = house.enqueue("test_effect", what="a very private cake")
    house.enqueue("test_broken")
    house.start()
    assert house.ended(number) == "succeeded"
    eventually(lambda: "job failed" in house.log.read_text(), "the log of a failure")
    said = house.log.read_text()
    assert f"job={number}" in said
    assert "private" not in said
    assert "arguments" not in said


def test_health_tells_of_a_worker_that_was_stopped(house: House) -> None:
    worker = house.start()
    eventually(lambda: house.sql("SELECT id FROM procrastinate_workers"), "a worker")
    well = house.manage("health", "--json")
    found = json.loads(well.stdout)["checks"]
    assert (well.returncode, found["workers"]["state"], found["workers"]["alive"]) == (0, "ok", 1), found
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=PATIENCE)
    ill = house.manage("health", "--json")
    assert ill.returncode == 1
    assert json.loads(ill.stdout)["checks"]["workers"]["state"] == "failed"
    text = house.manage("health")
    assert text.returncode == 1
    assert "No worker is alive" in text.stdout
