"""Make a key."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.encryption.generation import generate
from core.encryption.ring import HIGHEST, KeyKind
from core.errors import Refused


class Command(BaseCommand):
    """Writes files that their owner alone reads; touches no database and replaces nothing."""

    help = "Make the next key of a kind in KEYS_DIRECTORY. Back the file up, give it to the processes, register it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=KeyKind.values)
        parser.add_argument("--number", type=int, help=f"1 to {HIGHEST}; by default the next one.")
        parser.add_argument("--directory", type=Path, help="By default KEYS_DIRECTORY.")

    def handle(self, *, kind: str, number: int | None, directory: Path | None, **options: Any) -> None:
        """Make the key. Raises CommandError when there is one of this number, or it cannot be written."""
        try:
            files = generate(directory or Path(settings.KEYS_DIRECTORY), KeyKind(kind), number)
        except (Refused, ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        for file in files:
            self.stdout.write(f"made {file}")
        self.stdout.write(
            "Back it up apart from the database, mount it for the processes that may hold it, then run "
            "`manage.py keys_register`. docs/guides/keys.md says which."
        )
