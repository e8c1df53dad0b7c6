"""Says whether the platform is well."""

import json as json_format
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.health import State, take_health


class Command(BaseCommand):
    """For people and for probes: text or JSON, and an exit status."""

    help = "Check database, migrations, partitions, background work and seals. Ends with status 1 when one fails."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="JSON instead of text.")

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        """Print the findings. Exits with 0 when nothing failed (warnings included), else with 1."""
        health = take_health()
        if json:
            self.stdout.write(json_format.dumps(health.as_json(), indent=2))
        else:
            for name, finding in health.findings.items():
                numbers = ", ".join(f"{what} {number}" for what, number in finding.numbers.items())
                self.stdout.write(
                    f"{finding.state:<8} {name:<13} {finding.words}{f' ({numbers})' if numbers else ''}"
                )
        if health.state is State.FAILED:
            sys.exit(1)
