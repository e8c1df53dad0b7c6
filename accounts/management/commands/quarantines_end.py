"""Releases handles whose quarantine is over."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import ReservedHandle
from accounts.services.handles import quarantines_end
from core.db.context import acting
from core.db.holds import not_held
from core.db.roles import Role
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, daily."""

    help = "Release handles whose quarantine is over, so that anybody can take them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Release them in one transaction, or count them."""
        if dry_run:
            with acting(Role.WORKER):
                over = ReservedHandle.objects.over().filter(not_held(ReservedHandle)).count()
            self.stdout.write(f"{over} would be released")
            return
        with run_of("quarantines_end") as run:
            with acting(Role.WORKER):
                run.counts["released"] = quarantines_end()
            self.stdout.write(f"{run.counts['released']} released")
