"""Purges archives whose time is over."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of
from streams.services.archive_purges import Batch, archives_due, archives_purge

BATCH = 50


class Command(BaseCommand):
    """Runs as the worker, daily; a batch is a transaction, and several workers may share the work."""

    help = "Destroy the files of archives whose time is over, unless a hold keeps them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Work in batches until every archive that is due was asked about."""
        if dry_run:
            with acting(Role.WORKER):
                held = [bool(vetoes) for _, vetoes in archives_due()]
            self.stdout.write(f"{held.count(False)} would be purged, {held.count(True)} held")
            return
        with run_of("archives_purge") as run:
            batch: Batch | None = None
            while batch is None or batch.last is not None:
                with acting(Role.WORKER):
                    batch = archives_purge(batch=BATCH, after=batch.last if batch else None)
                run.counts.update(batch.counts)
            counts = run.counts
            self.stdout.write(
                f"{counts['purged']} purged, {counts['objects']} objects to remove, {counts['held']} held"
            )
