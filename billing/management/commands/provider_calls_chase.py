"""Sees to calls to providers whose job was lost, and to messages of the simulator that are due."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from billing.jobs import provider_call_make, simulated_messages_deliver
from billing.models import ProviderCall, SimulatedEvent
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of

BATCH = 500
LATE = timedelta(seconds=30)
"""So long a job may come after its time, before its call is given to another one."""


class Command(BaseCommand):
    """Runs as the worker, every minute. A call that has a waiting job is not given a second one."""

    help = "Give calls without an answer, about which it is time to ask, back to the queue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say how many wait; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Enqueue what is overdue."""
        if dry_run:
            with acting(Role.WORKER):
                self.stdout.write(f"{len(self._overdue())} calls are overdue")
            return
        with run_of("provider_calls_chase") as run, acting(Role.WORKER):
            for call_id in self._overdue():
                provider_call_make.enqueue(call_id=call_id, key=str(call_id))
                run.counts["asked"] += 1
            if SimulatedEvent.objects.due().exists():
                simulated_messages_deliver.enqueue(key="simulator")
            self.stdout.write(f"{run.counts['asked']} calls asked about")

    def _overdue(self) -> list[Any]:
        overdue = ProviderCall.objects.due().filter(next_try_at__lte=database_now() - LATE)
        return list(overdue.order_by("next_try_at").values_list("pk", flat=True)[:BATCH])
