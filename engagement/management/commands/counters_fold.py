"""Folds what was appended to the counters of engagement."""

from typing import Any

from django.core.management.base import BaseCommand

from core.jobs.runs import run_of
from engagement.services.counters import counters_fold


class Command(BaseCommand):
    """Runs as the worker, every minute; may be run twice, or by two."""

    help = "Add to the counters of engagement what was appended since the last fold."

    def handle(self, *args: Any, **options: Any) -> None:
        """Fold once."""
        with run_of("counters_fold") as run:
            run.counts["folded"] += counters_fold()
            self.stdout.write(f"{run.counts['folded']} changes folded")
