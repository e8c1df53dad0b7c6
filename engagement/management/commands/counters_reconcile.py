"""Compares the counters of engagement with what they count."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.jobs.runs import run_of
from engagement.errors import CounterRefused
from engagement.services.counters import (
    MOST_DIFFERENCES,
    counters_correct,
    counters_differences,
    counters_drifted,
)


class Command(BaseCommand):
    """Runs as the worker, nightly; names what differs (the first hundred), then appends the correction of each."""

    help = "Count followers, favourites, reactions and shares anew, name differences and correct them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Name the differences; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Compare, report, correct. Raises CommandError when a figure is wrong beyond correction."""
        with run_of("counters_reconcile") as run:
            differences = counters_differences()
            drifted = len(differences) if len(differences) < MOST_DIFFERENCES else counters_drifted()
            run.counts["differences"] = drifted
            for difference in differences:
                self.stdout.write(str(difference))
            if drifted > len(differences):
                self.stdout.write(f"and {drifted - len(differences)} more")
            if differences and not dry_run:
                run.counts["corrected"] += self._correct()
            self.stdout.write(f"{drifted} differences, {run.counts['corrected']} corrected")

    def _correct(self) -> int:
        try:
            return counters_correct()
        except CounterRefused as refusal:
            raise CommandError(str(refusal)) from refusal
