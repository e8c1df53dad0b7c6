"""Withdraws tokens whose time is over."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from billing.services.lots_expiry import lots_expire, lots_expired
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker; a wallet is a transaction, and several workers may share the work."""

    help = "Withdraw tokens whose time is over; what they had cost is earned."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Work in batches until a run finds nothing more that it may take."""
        if dry_run:
            with acting(Role.WORKER):
                found = lots_expired()
            self.stdout.write(f"{found['lots']} lots with {found['tokens']} tokens would be withdrawn")
            return
        with run_of("lots_expire") as run:
            total: Counter[str] = Counter()
            while True:
                done = lots_expire()
                total.update(done)
                if not done["lots"]:
                    break
            run.counts.update(total)
            self.stdout.write(f"{total['tokens']} tokens of {total['lots']} lots withdrawn")
