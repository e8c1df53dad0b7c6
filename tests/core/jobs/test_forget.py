"""What ended long ago is deleted, and nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from audit.models import JobRun
from core.management.commands import jobs_forget
from core.models import JobIncident, JobReceipt, QueuedJob
from tests.sql import run

pytestmark = pytest.mark.django_db

Enqueued = Callable[..., int]


def age(number: int, days: int) -> None:
    run(
        "UPDATE procrastinate_events SET at = at - make_interval(days => %s) WHERE job_id = %s",
        [days, number],
    )


@pytest.mark.parametrize(
    ("status", "days", "kept"),
    [
        ("succeeded", 6, True),
        ("succeeded", 8, False),
        ("failed", 89, True),
        ("failed", 91, False),
        ("cancelled", 8, True),
        ("cancelled", 91, False),
        ("todo", 400, True),
        ("doing", 400, True),
    ],
)
def test_each_state_has_its_time(status: str, days: int, kept: bool, enqueued: Enqueued) -> None:
    number = enqueued(status=status)
    JobReceipt.objects.create(job_id=number, attempt=1)
    JobIncident.objects.create(job_id=number, kind="failed", attempt=1, words="x")
    age(number, days)
    call_command("jobs_forget")
    assert QueuedJob.objects.filter(pk=number).exists() is kept
    assert JobReceipt.objects.exists() is JobIncident.objects.exists() is kept


def test_it_goes_on_over_batches_and_is_on_record(
    enqueued: Enqueued, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(jobs_forget, "BATCH", 2)
    numbers = [enqueued(status=status) for status in ("todo", "todo", "failed", "succeeded", "succeeded")]
    for number in numbers:
        age(number, 8)
    young = enqueued(status="succeeded")
    call_command("jobs_forget", dry_run=True)
    call_command("jobs_forget")
    assert capsys.readouterr().out.splitlines() == ["2 would be deleted", "2 deleted"]
    assert set(QueuedJob.objects.values_list("pk", flat=True)) == {*numbers[:3], young}
    assert JobRun.objects.values_list("name", "counts").get() == ("jobs_forget", {"deleted": 2})


def test_sessions_that_have_ended_are_deleted(capsys: pytest.CaptureFixture[str]) -> None:
    for key, hours in (("over", -1), ("open", 1)):
        Session.objects.create(
            session_key=key, session_data="x", expire_date=timezone.now() + timedelta(hours=hours)
        )
    call_command("sessions_forget", dry_run=True)
    call_command("sessions_forget")
    assert capsys.readouterr().out.splitlines() == ["1 would be deleted", "1 deleted"]
    assert Session.objects.values_list("pk", flat=True).get() == "open"
