"""Hands statements of reasons over: writes the records that wait, and keeps which of them were taken."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.errors import TransparencyRefused
from audit.services.transparency import AT_ONCE, records_waiting, statements_submitted
from core.db.context import acting
from core.db.roles import Role


class Command(BaseCommand):
    """Runs as the worker. A file is what one request to the database takes: `{"statements": [...]}`."""

    help = (
        "Write the records of statements of reasons that the transparency database does not know yet; with --taken, "
        "keep that it took those of a file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, help="The file of records: written, or read with --taken.")
        parser.add_argument(
            "--taken", action="store_true", help="The database took every record of the file."
        )
        parser.add_argument(
            "--limit", type=int, default=AT_ONCE, help=f"Records at most; {AT_ONCE} unless told otherwise."
        )

    def handle(self, *args: Any, file: Path, taken: bool, limit: int, **options: Any) -> None:
        """Write, or keep."""
        if taken:
            self._keep(file)
        else:
            self._write(file, limit)

    def _write(self, file: Path, limit: int) -> None:
        if not 1 <= limit <= AT_ONCE:
            raise CommandError(f"The database takes 1 to {AT_ONCE} statements at once.")
        with acting(Role.WORKER):
            waiting = records_waiting(limit=limit)
        try:
            file.write_text(json.dumps({"statements": waiting.records}, indent=1), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{len(waiting.records)} records written to {file}")
        for identifier, refusal in waiting.refused.items():
            self.stderr.write(f"left out {identifier}: {refusal}")

    def _keep(self, file: Path) -> None:
        try:
            identifiers = [
                record["puid"] for record in json.loads(file.read_text(encoding="utf-8"))["statements"]
            ]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{file} is no file of records that this command wrote.") from error
        try:
            with acting(Role.WORKER):
                kept = statements_submitted(identifiers=identifiers, actor=None)
        except TransparencyRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{kept} of {len(identifiers)} statements are newly known to the database")
