"""Sets people free whose restrictions have run out."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.services.restrictions import restrictions_expire
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of

BATCH = 100


class Command(BaseCommand):
    """Runs as the worker, every minute; a batch of people is a transaction."""

    help = "Set people free whose last restriction has run out."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work in batches until nobody is left."""
        with run_of("restrictions_expire") as run:
            freed = BATCH
            while freed:
                with acting(Role.WORKER):
                    freed = restrictions_expire(batch=BATCH)
                run.counts["freed"] += freed
            self.stdout.write(f"{run.counts['freed']} freed")
