"""Deletes evidence whose time is over."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit.services.evidence import evidence_due, evidence_expire
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of

BATCH = 500


class Command(BaseCommand):
    """Runs as the worker, daily, by a function of the database that knows what is still needed."""

    help = "Delete evidence that was kept for the time of an appeal and a month."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Delete it, a batch a transaction."""
        if dry_run:
            with acting(Role.WORKER):
                self.stdout.write(
                    f"{evidence_due()} pieces have come to their time; what is still needed stays"
                )
            return
        with run_of("evidence_expire") as run:
            gone = BATCH
            while gone == BATCH:
                with acting(Role.WORKER):
                    gone = evidence_expire(batch=BATCH)
                run.counts["deleted"] += gone
            self.stdout.write(f"{run.counts['deleted']} deleted")
