"""Proves the ledger, or names what is wrong with it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.services.ledger_care import ledger_prove
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, nightly; reads only. Fails when something is wrong."""

    help = "Prove that every entry balances and every balance is the sum of its postings."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print findings. Raises CommandError unless the ledger is proven."""
        with run_of("ledger_prove") as run:
            with acting(Role.WORKER):
                findings = ledger_prove()
            run.counts["findings"] += len(findings)
            for finding in findings:
                self.stdout.write(f"{finding.fault}: {finding.words}")
            if findings:
                raise CommandError(f"The ledger is not proven: {len(findings)} findings.")
            self.stdout.write("proven: every entry balances, and every balance is the sum of its postings")
