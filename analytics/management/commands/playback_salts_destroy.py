"""Destroys the salts of days and streams that are over for long."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from analytics.services.playback_salts import SALT_LIFE, playback_salts_destroy, playback_salts_due
from core.db.clock import database_now
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, hourly; may be run twice."""

    help = f"Destroy salts of viewers' keys {SALT_LIFE.total_seconds() / 3600:.0f} hours after their day or stream."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many salts are due")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if dry_run:
            self.stdout.write(f"Salts to destroy: {playback_salts_due(now=database_now())}.")
            return
        with run_of("playback_salts_destroy") as run:
            run.counts.update(playback_salts_destroy(now=database_now()))
            self.stdout.write(f"{run.counts['salts']} salts and {run.counts['links']} links destroyed")
