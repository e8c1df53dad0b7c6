"""Ends streams whose ingest session fell silent."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of
from streams.services.reaping import PATIENCE_SECONDS, SILENCE_SECONDS, streams_reap, streams_silent

BATCH = 50


class Command(BaseCommand):
    """Runs as the worker, every minute; a batch is a transaction."""

    help = "Interrupt live streams that gave no sign of life, and end those that stay silent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--silence",
            type=int,
            default=SILENCE_SECONDS,
            help="Seconds without a sign of life: interrupted.",
        )
        parser.add_argument(
            "--patience", type=int, default=PATIENCE_SECONDS, help="Seconds without a sign of life: over."
        )
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, silence: int, patience: int, dry_run: bool, **options: Any) -> None:
        """Work in batches until none is left, or count them."""
        bounds = {"silence_seconds": silence, "patience_seconds": patience}
        if dry_run:
            with acting(Role.WORKER):
                self.stdout.write(f"{len(streams_silent(**bounds))} stream(s) fell silent")
            return
        with run_of("streams_reap") as run:
            goes_on = True
            while goes_on:
                with acting(Role.WORKER):
                    reaped = streams_reap(**bounds, batch=BATCH)
                run.counts["interrupted"] += reaped.interrupted
                run.counts["ended"] += reaped.ended
                goes_on = bool(reaped.interrupted or reaped.ended)
            self.stdout.write(f"{run.counts['interrupted']} interrupted, {run.counts['ended']} over")
