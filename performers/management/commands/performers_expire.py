"""Ends the admission of performers whose documents have run out."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of
from performers.services.admission import RUN_OUT, performers_expire

BATCH = 500
MOST = 100_000


class Command(BaseCommand):
    """Runs as the worker, every ten minutes; a batch is a transaction."""

    help = "End the admission of performers whose identity documents have all expired."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Work in batches until none is left, or count them."""
        if dry_run:
            with acting(Role.WORKER), connection.cursor() as cursor:
                cursor.execute(RUN_OUT, [MOST])
                over = cursor.rowcount
            self.stdout.write(f"{over} would expire")
            return
        with run_of("performers_expire") as run:
            expired = BATCH
            while expired:
                with acting(Role.WORKER):
                    expired = performers_expire(batch=BATCH)
                run.counts["expired"] += expired
            self.stdout.write(f"{run.counts['expired']} expired")
