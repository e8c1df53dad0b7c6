"""Charges running private shows."""

from typing import Any

from django.core.management.base import BaseCommand

from billing.services.private_show_minutes import private_shows_charge
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, every minute; a minute of a show is a transaction."""

    help = "Charge running private shows the minutes that have begun, and end those that cannot be paid."

    def handle(self, *args: Any, **options: Any) -> None:
        """One pass over all running shows."""
        with run_of("private_shows_charge") as run:
            counts = private_shows_charge()
            run.counts.update(counts)
            self.stdout.write(f"{counts['charged']} minutes charged, {counts['ended']} shows ended")
