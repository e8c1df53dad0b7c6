"""Runs of jobs, and deployments."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.choices import RunOutcome
from audit.errors import RunEnded
from audit.models import Deployment, JobRun
from audit.services.deployments import deployment_begin, deployment_end, release
from audit.services.job_runs import job_run_begin, job_run_end
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from core.jobs.runs import run_of
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


class TestJobRuns:
    def test_a_run_is_recorded_with_its_counts(self) -> None:
        with run_of("sweep") as job:
            assert JobRun.objects.get().outcome == RunOutcome.RUNNING
            job.counts["rooms"] += 2
        row = JobRun.objects.get()
        assert (row.name, row.outcome, row.counts, row.error) == ("sweep", "succeeded", {"rooms": 2}, None)
        assert row.finished_at >= row.started_at

    @pytest.mark.django_db(transaction=True)
    def test_a_failed_run_keeps_its_counts_though_its_work_is_undone(self) -> None:
        def sweep() -> None:
            with run_of("sweep") as job, transaction.atomic():
                job.counts["rooms"] += 2
                User.objects.create(handle="x")

        with pytest.raises(IntegrityError):
            sweep()
        row = JobRun.objects.get()
        assert (row.outcome, row.counts) == ("failed", {"rooms": 2})
        assert row.error is not None
        assert row.error.startswith("IntegrityError 23")
        assert not User.objects.filter(handle="x").exists()

    def test_a_failure_keeps_our_sentence_and_nobody_elses(self) -> None:
        for error in (
            Refused("The room is locked."),
            CommandError("Name a month."),
            ValueError("bob@example.org is no number"),
        ):
            with pytest.raises(type(error)), run_of("sweep"):
                raise error
        assert list(JobRun.objects.order_by("id").values_list("error", flat=True)) == [
            "Refused: The room is locked.",
            "CommandError: Name a month.",
            "ValueError",
        ]

    def test_an_interrupted_run_is_recorded_too(self) -> None:
        with pytest.raises(KeyboardInterrupt), run_of("sweep"):
            raise KeyboardInterrupt
        assert JobRun.objects.get().error == "KeyboardInterrupt"

    def test_the_role_is_that_of_the_job(self) -> None:
        with acting(Role.WORKER):
            run_id = job_run_begin(name="sweep")
            job_run_end(run_id=run_id, counts={})
        assert JobRun.objects.get().acting_role == Role.WORKER

    def test_a_run_names_the_deployment_whose_code_it_ran(self) -> None:
        done = Deployment.objects.create(release="1", outcome=RunOutcome.RUNNING)
        done.outcome, done.finished_at = RunOutcome.SUCCEEDED, timezone.now() + timedelta(minutes=1)
        done.save(update_fields=["outcome", "finished_at"])
        Deployment.objects.create(release="2", outcome=RunOutcome.RUNNING)
        assert JobRun.objects.get(pk=job_run_begin(name="sweep")).deployment == done

    def test_a_run_ends_once(self) -> None:
        run_id = job_run_begin(name="sweep")
        job_run_end(run_id=run_id, counts={"rooms": 1})
        with pytest.raises(RunEnded):
            job_run_end(run_id=run_id, counts={"rooms": 2})
        for statement in ("UPDATE audit_jobrun SET counts = '{}'", "DELETE FROM audit_jobrun"):
            with refused("the run has ended"):
                run(statement)

    def test_a_run_cannot_begin_as_ended(self) -> None:
        with refused("cannot begin as succeeded"):
            run(
                "INSERT INTO audit_jobrun (name, acting_role, outcome, counts, finished_at) "
                "VALUES ('sweep', 'vbl_owner', 'succeeded', '{}', now())"
            )


def plan(*names: str, undone: bool = False) -> list[tuple[SimpleNamespace, bool]]:
    """What Django's signals around `migrate` carry."""
    return [
        (SimpleNamespace(app_label=label, name=name), undone)
        for label, _, name in (step.partition(".") for step in names)
    ]


class TestDeployments:
    @pytest.fixture(autouse=True)
    def no_earlier_ones(self) -> None:
        for table in ("audit_jobrun", "audit_deployment"):
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            run(f"DELETE FROM {table}")
            run("SET CONSTRAINTS ALL IMMEDIATE")
            run(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def test_a_deployment_says_what_it_did(self) -> None:
        steps = plan("audit.0003_seal") + plan("billing.0002_tips", undone=True)
        assert deployment_begin(plan=steps)
        assert Deployment.objects.get().outcome == RunOutcome.RUNNING
        assert deployment_end(plan=steps)
        row = Deployment.objects.get()
        assert (row.applied, row.undone) == (["audit.0003_seal"], ["billing.0002_tips"])
        assert (row.outcome, row.release) == (RunOutcome.SUCCEEDED, release())

    def test_one_that_stopped_half_way_has_failed_when_the_next_begins(self) -> None:
        deployment_begin(plan=plan("audit.0003_seal"))
        deployment_begin(plan=plan("audit.0003_seal"))
        deployment_end(plan=plan("audit.0003_seal"))
        assert list(Deployment.objects.order_by("id").values_list("outcome", flat=True)) == [
            "failed",
            "succeeded",
        ]

    def test_nothing_to_do_is_no_deployment(self) -> None:
        assert not deployment_begin(plan=[])
        assert not deployment_end(plan=[])
        assert not Deployment.objects.exists()

    def test_the_one_that_makes_the_table_is_noted_at_its_end(self) -> None:
        assert deployment_end(plan=plan("audit.0001_oversight"))
        assert Deployment.objects.get().outcome == RunOutcome.SUCCEEDED

    def test_without_the_table_nothing_breaks(self) -> None:
        run("ALTER TABLE audit_deployment RENAME TO elsewhere")
        assert not deployment_begin(plan=plan("audit.0001_oversight"))

    def test_the_environment_names_the_release(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RELEASE", "1.4.0 (0a1b2c3)")
        assert release() == "1.4.0 (0a1b2c3)"

    def test_what_has_ended_stays(self) -> None:
        deployment_end(plan=plan("audit.0003_seal"))
        with refused("the run has ended"):
            run("UPDATE audit_deployment SET release = '9'")


def test_the_run_of_these_tests_was_a_deployment() -> None:
    first = Deployment.objects.order_by("id").first()
    assert first is not None
    assert "audit.0001_oversight" in first.applied
