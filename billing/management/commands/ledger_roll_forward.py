"""Settles balances of the ledger, so that asking for one stays quick."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from billing.models import LedgerBalance
from billing.services.ledger_care import ledger_roll_forward
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, nightly; may be run twice, or by two."""

    help = "Settle the balances of the ledger up to where no transaction still runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say how many there are; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Settle in batches."""
        if dry_run:
            with acting(Role.WORKER):
                self.stdout.write(f"{LedgerBalance.objects.count()} balances would be looked at")
            return
        with run_of("ledger_roll_forward") as run:
            run.counts["settled"] += ledger_roll_forward()
            self.stdout.write(f"{run.counts['settled']} balances settled")
