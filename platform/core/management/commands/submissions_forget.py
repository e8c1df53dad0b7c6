"""Forget the one-time tokens of forms that nobody can send any more."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from core.jobs.runs import run_of
from core.models import Submission
from core.models.identity import uuid7_floor

KEPT = timedelta(days=7)


class Command(BaseCommand):
    """Deletes tokens older than seven days; forms can be sent for twelve hours."""

    help = "Delete the one-time tokens of forms that were opened more than seven days ago."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        old = Submission.objects.filter(pk__lt=uuid7_floor(timezone.now() - KEPT))
        if dry_run:
            self.stdout.write(f"Tokens to delete: {old.count()}.")
            return
        with run_of("submissions_forget") as run:
            run.counts["deleted"] = old.delete()[0]
            self.stdout.write(f"Tokens deleted: {run.counts['deleted']}.")
