"""Forgets old codes of verification."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.models import ContactVerification
from accounts.services.verifications import KEPT_FOR, verifications_forget
from core.db.context import acting
from core.db.holds import not_held
from core.db.roles import Role
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, daily; a batch is a transaction."""

    help = f"Delete verifications of contacts older than {KEPT_FOR // timedelta(days=1)} days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if dry_run:
            with acting(Role.WORKER):
                over = ContactVerification.objects.filter(
                    not_held(ContactVerification), created_at__lt=timezone.now() - KEPT_FOR
                ).count()
            self.stdout.write(f"Verifications to forget: {over}.")
            return
        with run_of("verifications_forget") as run:
            forgotten = -1
            while forgotten:
                with acting(Role.WORKER):
                    forgotten = verifications_forget()
                run.counts["forgotten"] += forgotten
            self.stdout.write(f"Verifications forgotten: {run.counts['forgotten']}.")
