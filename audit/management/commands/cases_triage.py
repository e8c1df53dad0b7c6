"""Asks the rules again about every case that waits."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit.models import Case
from audit.services.cases import cases_triage
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of

BATCH = 200


class Command(BaseCommand):
    """Runs as the worker, every ten minutes: what is on air, strikes and rules change without a report."""

    help = "Give waiting cases the priority, queue and due time that the rules of this moment say."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Work through them by key, a batch a transaction."""
        if dry_run:
            with acting(Role.WORKER):
                self.stdout.write(f"{Case.objects.waiting().count()} cases would be looked at")
            return
        with run_of("cases_triage") as run:
            after, goes_on = None, True
            while goes_on:
                with acting(Role.WORKER):
                    looked_at, after = cases_triage(after=after, batch=BATCH)
                run.counts["looked_at"] += looked_at
                goes_on = after is not None
            self.stdout.write(f"{run.counts['looked_at']} cases looked at")
