"""Serves the queue of background work."""

import logging
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.db.roles import Role
from core.jobs.job import DEFAULT
from core.jobs.serving import Service, serve


class Command(BaseCommand):
    """Connects as `vbl_app` and acts as `vbl_worker`; any number of them may run, on any number of machines."""

    help = "Run background work, and put what the schedule says into the queue. SIGTERM ends it gracefully."
    role = Role.WORKER
    queues: tuple[str, ...] = (DEFAULT,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--concurrency", type=int, default=2, help="Jobs at the same time (default 2).")
        parser.add_argument("--once", action="store_true", help="End when nothing waits any more.")
        parser.add_argument("--parent", type=int, help="End when this process, which started it, has gone.")
        parser.add_argument(
            "--polling", type=float, default=5, help="Seconds between looks without a notification."
        )
        parser.add_argument("--quiet", action="store_true", help="Log only what goes wrong.")

    def handle(
        self,
        *args: Any,
        concurrency: int,
        once: bool,
        parent: int | None,
        polling: float,
        quiet: bool,
        **options: Any,
    ) -> None:
        """Serve until told to stop. Raises CommandError behind a pooler in transaction mode."""
        if quiet:
            logging.getLogger().setLevel(logging.WARNING)
        serve(
            Service(
                role=self.role,
                queues=self.queues,
                concurrency=concurrency,
                heartbeat=settings.JOB_HEARTBEAT_SECONDS,
                stalled=settings.JOB_STALLED_SECONDS,
                polling=polling,
                once=once,
                parent=parent,
            )
        )
