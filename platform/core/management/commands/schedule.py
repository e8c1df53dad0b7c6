"""Says what runs when."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from core.jobs.schedule import schedule


class Command(BaseCommand):
    """Reads the list and computes; asks no database."""

    help = "Print the schedule: each job, when it runs next (UTC), on which queue, and what for."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line per entry, the next one first."""
        now = timezone.now()
        for entry in sorted(schedule(), key=lambda entry: entry.next_run(now)):
            when = f"{entry.next_run(now):%Y-%m-%d %H:%M}"
            self.stdout.write(
                f"{when}  {entry.cron:<14} {entry.queue:<12} {entry.command:<22} {entry.what_for}"
            )
