"""Makes the directory of what is on air anew."""

from typing import Any

from django.core.management.base import BaseCommand

from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of
from streams.services.listings import listings_refresh


class Command(BaseCommand):
    """Runs as the worker, every minute."""

    help = "Make a new snapshot of the directory and forget those older than ten minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        """One transaction."""
        with run_of("listings_refresh") as run:
            with acting(Role.WORKER):
                done = listings_refresh()
            run.counts["listed"] = done.listed
            run.counts["snapshots_forgotten"] = done.forgotten
            self.stdout.write(f"{done.listed} listed, {done.forgotten} old snapshots forgotten")
