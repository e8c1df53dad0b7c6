"""Computes what was touched since the last run of each roll-up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from analytics.services.rollups import rollups_run, rollups_waiting
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, every minute; may be run twice, or by two, and killed at any point."""

    help = "Compute the buckets of all roll-ups that were touched since they last ran."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what waits")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if dry_run:
            for each in rollups_waiting():
                since = f", the oldest since {each.since:%Y-%m-%d %H:%M:%S} UTC" if each.since else ""
                self.stdout.write(f"{each.name}: {each.buckets} buckets wait{since}")
            return
        with run_of("rollups_run") as run:
            for done in rollups_run():
                run.counts[done.name] += done.buckets
                run.counts["touches"] += done.touches
                run.counts["closed"] += done.closed
                run.counts["waiting"] += not done.is_caught_up
            for name, count in run.counts.items():
                self.stdout.write(f"{name}: {count}")
