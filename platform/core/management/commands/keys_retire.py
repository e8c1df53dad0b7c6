"""Take a key out of use."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.encryption.registration import key_retire
from core.encryption.ring import KeyKind
from core.errors import Refused


class Command(BaseCommand):
    """Runs as the owner of the schema."""

    help = "Retire a key that no row needs any more. Keep its file as long as back-ups that need it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=KeyKind.values)
        parser.add_argument("number", type=int)

    def handle(self, *, kind: str, number: int, **options: Any) -> None:
        """Retire. Raises CommandError while rows need the key."""
        try:
            key_retire(kind=KeyKind(kind), number=number)
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The {kind} key {number} is retired.")
