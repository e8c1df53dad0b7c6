"""Settles goals, polls, raids and redemptions by time."""

from typing import Any

from django.core.management.base import BaseCommand

from core.jobs.runs import run_of
from engagement.services.interaction_settlement import interactions_settle


class Command(BaseCommand):
    """Runs as the worker, every minute."""

    help = "Count tips for goals, close goals and polls that are over, call off old raids, give back old redemptions."

    def handle(self, *args: Any, **options: Any) -> None:
        """One pass."""
        with run_of("interactions_settle") as run:
            counts = interactions_settle()
            run.counts.update(counts)
            self.stdout.write(
                ", ".join(f"{count} {words.replace('_', ' ')}" for words, count in counts.items())
            )
