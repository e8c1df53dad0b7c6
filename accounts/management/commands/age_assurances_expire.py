"""Marks assurances of age whose time has passed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import AgeAssurance
from accounts.services.age_assurances import age_assurances_expire
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of

BATCH = 500


class Command(BaseCommand):
    """Runs as the worker, hourly; a batch is a transaction."""

    help = "Mark assurances of age whose time has passed, so that those who need to know hear of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Work in batches until none is left, or count them."""
        if dry_run:
            with acting(Role.WORKER):
                over = AgeAssurance.objects.run_out().count()
            self.stdout.write(f"{over} would be marked")
            return
        with run_of("age_assurances_expire") as run:
            marked = BATCH
            while marked:
                with acting(Role.WORKER):
                    marked = age_assurances_expire(batch=BATCH)
                run.counts["expired"] += marked
            self.stdout.write(f"{run.counts['expired']} expired")
