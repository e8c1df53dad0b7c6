"""Has final days published and cohorts counted."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from analytics.services.audience import MOST_DAYS, audience_settle
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, nightly; may be run twice. The roll-ups compute what it touches."""

    help = "Have the audience of final days published, and weeks and months of cohorts counted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--most", type=int, default=MOST_DAYS, help="Days at most; the latest first.")

    def handle(self, *args: Any, most: int, **options: Any) -> None:
        """Settle once."""
        with run_of("audience_settle") as run:
            settled = audience_settle(most=most)
            run.counts["days"] += len(settled.days)
            run.counts["periods"] += settled.periods
            self.stdout.write(
                f"{len(settled.days)} days to be published, {settled.periods} periods to be counted"
            )
