"""Compares the counters of engagement with what they count."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.jobs.runs import run_of
from engagement.services.counters import counters_correct, counters_differences


class Command(BaseCommand):
    """Runs as the worker, nightly; names every difference, then appends its correction."""

    help = "Count followers, favourites, reactions and shares anew, name differences and correct them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Name the differences; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Compare, report, correct."""
        with run_of("counters_reconcile") as run:
            differences = counters_differences()
            for difference in differences:
                self.stdout.write(str(difference))
            if differences and not dry_run:
                run.counts["corrected"] += counters_correct()
            self.stdout.write(f"{len(differences)} differences, {run.counts['corrected']} corrected")
