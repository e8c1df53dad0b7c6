"""Forgets lock-outs that are over."""

from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.services.lock_outs import lock_outs_forget
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, every hour. Signing in cleans up as well; this is for quiet nights."""

    help = "Delete the counters of lock-outs that are over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if dry_run:
            with acting(Role.WORKER):
                over = AccessAttempt.objects.filter(
                    attempt_time__lte=timezone.now() - settings.AXES_COOLOFF_TIME
                ).count()
            self.stdout.write(f"Lock-outs to forget: {over}.")
            return
        with run_of("lock_outs_forget") as run:
            with acting(Role.WORKER):
                run.counts["forgotten"] = lock_outs_forget()
            self.stdout.write(f"Lock-outs forgotten: {run.counts['forgotten']}.")
