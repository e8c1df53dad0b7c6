"""Keep the demo's streams on air."""

import os
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from streams.demo_ingest import give_signs_of_life, go_on_air

BEAT_SECONDS = 15


class Command(BaseCommand):
    """Plays the ingest server: without it the reaper ends what is on air, as it should."""

    help = "Put performers of the demo on air and keep them there. Never in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--parent", type=int, help="End when this process, which started it, has gone.")
        parser.add_argument("--once", action="store_true", help="One beat, then end.")

    def handle(self, *, parent: int | None, once: bool, **options: Any) -> None:
        """Beat until told to end. Raises CommandError where the demo is not allowed."""
        if not getattr(settings, "DEMO_ALLOWED", False):
            raise CommandError("Invented streams go on air with the demo's settings only.")
        go_on_air()
        while True:
            give_signs_of_life()
            if once or parent not in (None, os.getppid()):
                return
            time.sleep(BEAT_SECONDS)
