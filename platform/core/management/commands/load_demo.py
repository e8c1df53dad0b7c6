"""Load the demo."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.demo import steps
from core.errors import Refused


class Command(BaseCommand):
    """Real people and a few days of work on them; run again, it changes nothing. Never in production."""

    help = "Load the demo: real people, staff of every role, and something for each of them to do."

    def handle(self, *args: Any, **options: Any) -> None:
        if not getattr(settings, "DEMO_ALLOWED", False):
            raise CommandError(
                "The demo makes staff with known names; it is loaded with the demo's settings only."
            )
        for step in steps():
            self.stdout.write(f"  {step.words} ...", ending=" ")
            self.stdout.flush()
            began = time.monotonic()
            try:
                outcome = step.load()
            except Refused as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"{outcome} ({time.monotonic() - began:.1f} s)")
