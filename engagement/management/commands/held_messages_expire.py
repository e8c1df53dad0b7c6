"""Removes held messages about which nobody decided in time."""

from typing import Any

from django.core.management.base import BaseCommand

from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of
from engagement.services.held_messages import held_messages_expire

BATCH = 500


class Command(BaseCommand):
    """Runs as the worker, every five minutes; a batch is a transaction."""

    help = "Remove held messages about which nobody decided in time."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work in batches until nothing is left."""
        with run_of("held_messages_expire") as run:
            expired = BATCH
            while expired:
                with acting(Role.WORKER):
                    expired = held_messages_expire(batch=BATCH)
                run.counts["expired"] += expired
            self.stdout.write(f"{run.counts['expired']} expired")
