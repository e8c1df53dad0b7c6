"""Seals the events of the trail that nothing can join any more."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.services.seals import MOST_EVENTS, events_seal
from core.errors import Refused
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the owner, every minute, in the process that holds the private signing key; a seal is a transaction."""

    help = "Seal the events of the trail below the oldest running transaction."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--most-events",
            type=int,
            default=MOST_EVENTS,
            help="How many events one seal covers at most (one transaction is never divided).",
        )

    def handle(self, *args: Any, most_events: int, **options: Any) -> None:
        """Seal until nothing is new. Raises CommandError with the sentence of a refusal."""
        if most_events < 1:
            raise CommandError("--most-events: a seal covers at least one event.", returncode=2)
        try:
            with run_of("audit_seal") as run:
                for seal in events_seal(most_events=most_events):
                    run.counts["seals"] += 1
                    run.counts["events"] += seal.event_count
                    self.stdout.write(f"{seal}: {seal.event_count:,} events")
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(f"{run.counts['events']:,} events sealed")
