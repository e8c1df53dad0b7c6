"""Enter keys into the registry."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.encryption.registration import keys_register
from core.errors import Refused


class Command(BaseCommand):
    """Runs as the owner of the schema; a second run changes nothing."""

    help = "Register the keys in KEYS_DIRECTORY. The first of a kind becomes active, later ones wait for rotate_keys."

    def handle(self, *, verbosity: int, **options: Any) -> None:
        """Register. Raises CommandError when a file is not the key that its number stands for."""
        try:
            added = keys_register()
        except Refused as error:
            raise CommandError(str(error)) from error
        if verbosity:
            for key in added:
                self.stdout.write(f"registered {key.kind} key {key.number}: {key.state}")
            self.stdout.write(f"Keys registered: {len(added)}.")
