"""Holds what was earned by disputed payments after their disputes were told of."""

from typing import Any

from django.core.management.base import BaseCommand

from billing.services.earning_holds import disputed_earnings_hold
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, every night; run twice, it finds nothing the second time."""

    help = "Hold what was earned by disputed payments since their disputes were told of."

    def handle(self, *args: Any, **options: Any) -> None:
        """Hold what is not held yet."""
        with run_of("disputed_earnings_hold") as run:
            run.counts["earnings"] = disputed_earnings_hold()
            self.stdout.write(f"{run.counts['earnings']} earnings held")
