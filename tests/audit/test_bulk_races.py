"""Bulk jobs carried out by two workers at once, and by one that is killed."""

import os
import signal
import time
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from audit.models import BulkItem, BulkJob, Case, Decision
from audit.moderation_choices import BulkStatus
from audit.services.bulk_jobs import bulk_job_undo
from audit.services.bulk_runs import bulk_job_run, bulk_job_unwind
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import staff
from tests.accounts.test_races import at_once
from tests.audit.bulk_steps import bars, preview, submit
from tests.audit.factories_moderation import make_case

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60
"""Seconds after which something that should happen has not."""


def eventually(happens: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not happens():
        assert time.monotonic() - begun < PATIENCE, "it did not happen"
        time.sleep(0.05)


def once_each(cases: list[Case]) -> bool:
    decided = sorted(Decision.objects.filter(reverses__isnull=True).values_list("case", flat=True))
    return decided == sorted(case.pk for case in cases)


def test_two_workers_share_a_job_and_its_undoing() -> None:
    mona, leah = staff(Role.MODERATOR), staff(Role.LEAD_MODERATOR)
    cases = [make_case() for _ in range(12)]
    job = bars(mona, cases)
    assert at_once(*[lambda: bulk_job_run(bulk_job_id=job.pk)] * 3) == [None] * 3
    assert once_each(cases)
    assert BulkJob.objects.get().status == BulkStatus.DONE
    assert set(BulkItem.objects.values_list("status", flat=True)) == {"done"}
    with acting(Role.LEAD_MODERATOR, user_id=leah.pk):
        bulk_job_undo(bulk_job_id=job.pk, actor=leah, reasons="It was allowed after all.")
    assert at_once(*[lambda: bulk_job_unwind(bulk_job_id=job.pk)] * 3) == [None] * 3
    assert BulkJob.objects.get().status == BulkStatus.UNDONE
    assert Decision.objects.filter(reverses__isnull=False).count() == 12


def run_in_another_process(job_id: UUID, start: Any) -> None:
    start.wait()
    bulk_job_run(bulk_job_id=job_id)


def test_a_killed_worker_neither_loses_a_case_nor_decides_one_twice() -> None:
    mona = staff(Role.MODERATOR)
    cases = [make_case() for _ in range(6)]
    job = submit(preview(mona, cases))
    connection.close()
    processes = get_context("fork")
    start = processes.Event()
    worker = processes.Process(target=run_in_another_process, args=(job.pk, start))
    worker.start()
    third = BulkItem.objects.order_by("pk")[2]
    with transaction.atomic():
        # The worker comes as far as this case, and waits for it while it has the item in hand.
        Case.objects.select_for_update().get(pk=third.case_id)
        start.set()
        eventually(lambda: BulkItem.objects.filter(status="done").count() == 2)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join(timeout=PATIENCE)
    assert worker.exitcode == -signal.SIGKILL
    assert BulkJob.objects.get().status == BulkStatus.RUNNING
    assert Decision.objects.count() == 2
    eventually(lambda: _free(third))
    bulk_job_run(bulk_job_id=job.pk)
    assert once_each(cases)
    assert BulkJob.objects.get().status == BulkStatus.DONE
    assert set(BulkItem.objects.values_list("status", flat=True)) == {"done"}


def _free(item: BulkItem) -> bool:
    """Whether the server has noticed that the worker is gone, and given its locks back."""
    with transaction.atomic():
        return BulkItem.objects.select_for_update(skip_locked=True).filter(pk=item.pk).exists()
