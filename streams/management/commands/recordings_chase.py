"""Asks about recordings of which nothing is heard, and gives up those about which nobody answers."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of
from streams.services.recordings import (
    SILENCE_UNTIL_FAILED,
    SILENCE_UNTIL_POLL,
    recordings_give_up,
    recordings_poll,
)

BATCH = 100


class Command(BaseCommand):
    """Runs as the worker, every five minutes; a batch is a transaction."""

    help = "Mark silent recordings to be polled, and fail those whose provider never answered."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--silence",
            type=int,
            default=SILENCE_UNTIL_POLL // timedelta(minutes=1),
            help="Minutes without a report after which the provider is asked.",
        )
        parser.add_argument(
            "--patience",
            type=int,
            default=SILENCE_UNTIL_FAILED // timedelta(minutes=1),
            help="Minutes without an answer after which a recording has failed, once its stream is over.",
        )

    def handle(self, *args: Any, silence: int, patience: int, **options: Any) -> None:
        """Work in batches until nothing is left."""
        with run_of("recordings_chase") as run:
            found = BATCH
            while found == BATCH:
                with acting(Role.WORKER):
                    found = recordings_poll(silence=timedelta(minutes=silence), batch=BATCH)
                run.counts["asked"] += found
            found = BATCH
            while found == BATCH:
                with acting(Role.WORKER):
                    found = recordings_give_up(patience=timedelta(minutes=patience), batch=BATCH)
                run.counts["given_up"] += found
            self.stdout.write(f"{run.counts['asked']} asked about, {run.counts['given_up']} given up")
