"""Deletes browser sessions that have ended."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.utils import timezone

from core.jobs.runs import run_of

BATCH = 1000


class Command(BaseCommand):
    """Django's `clearsessions` in batches and on record; runs as the login role, which alone may delete a session."""

    help = "Delete browser sessions whose time is over."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say how many there are; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Delete them, a batch a statement."""
        over = Session.objects.filter(expire_date__lt=timezone.now())
        if dry_run:
            self.stdout.write(f"{over.count()} would be deleted")
            return
        with run_of("sessions_forget") as run:
            while keys := list(over.order_by("expire_date").values_list("pk", flat=True)[:BATCH]):
                run.counts["deleted"] += Session.objects.filter(pk__in=keys).delete()[0]
            self.stdout.write(f"{run.counts['deleted']} deleted")
