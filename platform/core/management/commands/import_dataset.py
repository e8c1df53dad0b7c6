"""Bring a public data set in."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.datasets.importing import BrokenRows, ImportReport, dataset_import
from core.datasets.registry import dataset, names
from core.errors import Refused

SHOWN = 20


class Command(BaseCommand):
    """Imports through the services of the owning app, as the worker; a second run changes nothing."""

    help = "Import a data set: import_dataset NAME PATH."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help=f"one of: {', '.join(names())}")
        parser.add_argument("path", type=Path, help="the folder with the data set's files")
        parser.add_argument(
            "--skip-broken",
            action="store_true",
            help="leave out broken rows and import the rest; by default one broken row stops everything",
        )

    def _progress(self, report: ImportReport) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{report.read:,} rows read, {report.new:,} new", ending="")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = dataset_import(
                dataset=dataset(options["name"]),
                path=options["path"],
                all_or_nothing=not options["skip_broken"],
                progress=self._progress,
            )
        except BrokenRows as error:
            for row in error.broken[:SHOWN]:
                self.stderr.write(f"\n{row}", ending="")
            self.stderr.write("")
            raise CommandError(f"{error} Mend the rows, or leave them out with --skip-broken.") from error
        except Refused as error:
            raise CommandError(str(error)) from error
        for row in report.broken[:SHOWN]:
            self.stderr.write(f"left out: {row}")
        for note in report.notes:
            self.stdout.write(f"note: {note}")
        self.stdout.write(
            f"{options['name']}: {report.read:,} rows read, {report.new:,} new, {report.unchanged:,} unchanged, "
            f"{len(report.broken):,} broken."
        )
