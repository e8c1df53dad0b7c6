"""Sees to approved batches of payouts whose job was lost."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Exists, OuterRef

from billing.jobs import payout_batch_send
from billing.models import Payout, PayoutBatch
from billing.payout_choices import PayoutBatchStatus, PayoutStatus
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of

LATE = timedelta(minutes=1)
"""So long a batch is left to the job that its approval enqueued."""


class Command(BaseCommand):
    """Runs as the worker, every minute. A batch that has a waiting job is not given a second one."""

    help = "Give approved batches of which payouts are not sent back to the queue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say how many wait; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Enqueue what is overdue."""
        if dry_run:
            with acting(Role.WORKER):
                self.stdout.write(f"{len(self._overdue())} batches are overdue")
            return
        with run_of("payout_batches_chase") as run, acting(Role.WORKER):
            for batch_id in self._overdue():
                payout_batch_send.enqueue(batch_id=batch_id, key=str(batch_id))
                run.counts["sent"] += 1
            self.stdout.write(f"{run.counts['sent']} batches given back to the queue")

    def _overdue(self) -> list[Any]:
        unsent = Payout.objects.filter(batch=OuterRef("pk"), status=PayoutStatus.PREPARED)
        overdue = PayoutBatch.objects.filter(
            Exists(unsent),
            status__in=(PayoutBatchStatus.APPROVED, PayoutBatchStatus.SENDING),
            approved_at__lte=database_now() - LATE,
        )
        return list(overdue.order_by("pk").values_list("pk", flat=True))
