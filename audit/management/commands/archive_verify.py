"""Proves the archive of partitions, by schedule."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Runs as the owner, weekly: `manage.py archive verify`."""

    help = "Compare every file of the archive of partitions with what was recorded."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for each fault."""
        call_command("archive", "verify", stdout=self.stdout)
