"""Remove the embedded database."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import embedded


class Command(BaseCommand):
    """Never touches a database named by DATABASE_URL."""

    help = "Stop the embedded database of this checkout and remove its data."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *, yes: bool, **options: Any) -> None:
        """Remove it. Raises CommandError when there is a DATABASE_URL or the answer is no."""
        if not settings.DATABASES["default"].get("EMBEDDED"):
            raise CommandError(
                "DATABASE_URL names a database of your own, which this command leaves alone: unset it to "
                "remove the embedded one."
            )
        data = embedded.describe().data
        if not yes and input(f"Remove all data in {data}? Type yes: ").strip() != "yes":
            raise CommandError("Nothing was removed.")
        embedded.remove()
        self.stderr.write(f"Removed {data}.")
