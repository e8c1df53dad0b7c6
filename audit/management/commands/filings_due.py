"""Says which filings to authorities are overdue, and tells of them by security events."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit.models import ComplianceFiling
from audit.services.filed_filings import filings_tell_overdue
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of

BATCH = 100
LISTED = 20


class Command(BaseCommand):
    """Runs as the worker, hourly; a batch is a transaction, and several workers may share the work."""

    help = "Tell of filings to authorities that are overdue, each once a day, and list them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="List what is overdue; tell nobody.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Tell in batches, then list."""
        if dry_run:
            with acting(Role.WORKER):
                self.stdout.write(f"{self._list()} filings overdue")
            return
        with run_of("filings_due") as run:
            told, found = 0, BATCH
            while found == BATCH:
                with acting(Role.WORKER):
                    found = filings_tell_overdue(batch=BATCH)
                told += found
            with acting(Role.WORKER):
                run.counts["overdue"] = self._list()
            run.counts["told"] = told
            self.stdout.write(f"{run.counts['overdue']} filings overdue, {told} told")

    def _list(self) -> int:
        overdue = ComplianceFiling.objects.overdue().defer("words")
        for filing in overdue[:LISTED]:
            self.stdout.write(
                f"{filing}: {filing.get_kind_display()}, {filing.get_status_display().lower()}, due "
                f"{filing.due_at:%Y-%m-%d %H:%M} UTC"
            )
        return int(overdue.count())
