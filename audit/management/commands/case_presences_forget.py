"""Deletes who had which case open a day ago."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit.services.forgetting import case_presences_over, forget
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of

BATCH = 1000


class Command(BaseCommand):
    """Runs as the worker, daily."""

    help = "Delete who had which case open a day ago."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Delete it, a batch a transaction."""
        if dry_run:
            with acting(Role.WORKER):
                self.stdout.write(f"{case_presences_over().count()} would be deleted")
            return
        with run_of("case_presences_forget") as run:
            gone = BATCH
            while gone == BATCH:
                with acting(Role.WORKER):
                    gone = forget(case_presences_over(), batch=BATCH)
                run.counts["deleted"] += gone
            self.stdout.write(f"{run.counts['deleted']} deleted")
