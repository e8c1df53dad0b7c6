"""Encrypt everything again under another key."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.encryption.ring import KeyKind
from core.encryption.rotation import BATCH, Rotation
from core.errors import Refused
from core.jobs.runs import run_of
from core.models.encryption_key import EncryptionKey, KeyState

KINDS = [kind.value for kind in KeyKind if kind is not KeyKind.SIGNING]


class Command(BaseCommand):
    """Runs as the owner of the schema while the site runs; interrupted, it goes on where it was when run again."""

    help = (
        "Let new values be written under a key, and encrypt the old ones again under it. Every process must hold the "
        "new key first; this one also what reads the old values: for `sealing` the private keys, for `blind_index` "
        "the data keys."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("--to", type=int, help="Number of the key; by default the newest registered one.")
        parser.add_argument("--batch-size", type=int, default=BATCH, help="Rows per transaction.")
        parser.add_argument("--dry-run", action="store_true", help="Count the values; change nothing.")

    def handle(
        self, *, kind: str, to: int | None, batch_size: int, dry_run: bool, verbosity: int, **options: Any
    ) -> None:
        """Rotate. Raises CommandError when a key is missing, or rows are left."""
        if batch_size < 1:
            raise CommandError("A batch has one row at least.")
        rotation = Rotation(
            KeyKind(kind),
            self._newest(kind) if to is None else to,
            batch=batch_size,
            report=self.stdout.write if verbosity else lambda line: None,
        )
        try:
            if dry_run:
                self._count(rotation)
                return
            with run_of("rotate_keys") as run:
                rotation.counts = run.counts
                rotation.run()
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Every value is under {kind} key {rotation.number}; rows rewritten: {run.counts.total()}. When no back-up "
            f"needs the older one any more: `manage.py keys_retire {kind} NUMBER`."
        )

    def _count(self, rotation: Rotation) -> None:
        rotation.check()
        pending: Counter[str] = rotation.pending()
        for name, values in sorted(pending.items()):
            self.stdout.write(f"{name}: {values} values to encrypt again")
        self.stdout.write(
            f"Values to bring under {rotation.kind.value} key {rotation.number}: {pending.total()}."
        )

    def _newest(self, kind: str) -> int:
        newest = (
            EncryptionKey.objects.filter(kind=kind)
            .exclude(state=KeyState.RETIRED)
            .order_by("-number")
            .first()
        )
        if newest is None:
            raise CommandError(f"No {kind} key is registered: run `manage.py keys_register`.")
        return newest.number
