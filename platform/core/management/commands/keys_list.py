"""Which keys there are."""

from typing import Any

from django.core.management.base import BaseCommand

from core.encryption.registry import check_value
from core.encryption.ring import KeyKind, ring
from core.encryption.usage import rows_by_number
from core.errors import Refused
from core.models import EncryptionKey


class Command(BaseCommand):
    """Shows numbers, states and counts; never a key. Counts read every protected table."""

    help = "List the registered keys: their state, whether this process holds them, and how many values need each."

    def handle(self, **options: Any) -> None:
        """List by kind and number."""
        held = ring()
        for kind in KeyKind:
            counts = rows_by_number(kind)
            keys = list(EncryptionKey.objects.filter(kind=kind).order_by("number"))
            for key in keys:
                used = sum(numbers[key.number] for numbers in counts.values())
                self.stdout.write(
                    f"{kind.value:12} {key.number:3}  {key.state:10} {self._holding(kind, key):42} values: {used}"
                )
            for number in sorted({*held.numbers(kind)} - {key.number for key in keys}):
                self.stdout.write(
                    f"{kind.value:12} {number:3}  not registered: run `manage.py keys_register`"
                )

    def _holding(self, kind: KeyKind, key: EncryptionKey) -> str:
        held = ring()
        if key.number not in held.numbers(kind):
            return "not held by this process"
        try:
            if check_value(held, kind, key.number) != key.check_value:
                return "THE FILE HELD IS ANOTHER KEY"
        except Refused:
            return "THE FILE HELD IS DAMAGED"
        private = kind.is_pair and key.number in held.numbers(kind, private=True)
        return "held, with its private half" if private else "held"
