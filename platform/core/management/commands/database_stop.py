"""Stop the embedded database."""

from typing import Any

from django.core.management.base import BaseCommand

from core import embedded


class Command(BaseCommand):
    """Whoever is connected is disconnected; the data stays."""

    help = "Stop the embedded database of this checkout. The data stays."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        """Stop it and say so on standard error."""
        self.stderr.write("Stopped." if embedded.stop() else "The embedded database was not running.")
