"""Takes old partitions of one table away."""

from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

from core.db.partitions.catalog import find_partitions
from core.db.partitions.detach import detach_partition
from core.db.partitions.errors import NotAPartition, PartitionError
from core.db.partitions.manager import required_table
from core.jobs.runs import run_of
from core.models.identity import uuid7_floor
from core.models.partitioned import Partitioned


class Command(BaseCommand):
    """Runs as the owner of the table; the rows stay, in the schema `archive`."""

    help = "Detach the partitions of one table that lie wholly before a date, and move them to the archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--model", required=True, help="The partitioned model: app.Model.")
        parser.add_argument("--before", required=True, type=_midnight, help="A day, UTC: 2026-01-31.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *, model: str, before: datetime, dry_run: bool, **options: Any) -> None:
        """Detach what lies wholly before the date. Raises CommandError with what stands in the way."""
        if before > datetime.now(UTC):
            raise CommandError(f"{before:%Y-%m-%d} lies ahead; the present partition is not taken away.")
        partitioned = _partitioned_model(model)
        if dry_run:
            self._detach(partitioned, before, Counter(), dry_run=True)
        else:
            with run_of("partitions_detach") as run:
                self._detach(partitioned, before, run.counts, dry_run=False)

    def _detach(
        self, model: type[Partitioned], before: datetime, counts: Counter[str], *, dry_run: bool
    ) -> None:
        try:
            table = required_table(connection, model)
            bound = uuid7_floor(before)
            names = [there.name for there in find_partitions(connection, table) if there.upper <= bound]
            for name in names:
                if dry_run:
                    self.stdout.write(f"would detach {name}")
                    continue
                try:
                    detach_partition(model, name)
                except NotAPartition:
                    self.stdout.write(f"{name} was taken away by another run")
                    continue
                counts["detached"] += 1
                self.stdout.write(f"detached {name}")
        except (PartitionError, ValueError, Error) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"detached: {counts['detached']} of {len(names)}")


def _midnight(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day like 2026-01-31.") from None


def _partitioned_model(label: str) -> type[Partitioned]:
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        raise CommandError(f"There is no model {label!r}; write app.Model.") from None
    if not issubclass(model, Partitioned):
        raise CommandError(f"{model._meta.label} is not partitioned.")
    return model
