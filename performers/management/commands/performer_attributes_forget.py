"""Deletes attributes of special categories whose consent has run out."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of
from performers.models import PerformerAttribute
from performers.services.attributes import attributes_forget

BATCH = 500


class Command(BaseCommand):
    """Runs as the worker, hourly; a batch is a transaction."""

    help = "Delete attributes of special categories whose consent has run out by itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Work in batches until none is left, or count them."""
        if dry_run:
            with acting(Role.WORKER):
                over = PerformerAttribute.objects.without_consent().count()
            self.stdout.write(f"{over} would be deleted")
            return
        with run_of("performer_attributes_forget") as run:
            deleted = BATCH
            while deleted:
                with acting(Role.WORKER):
                    deleted = attributes_forget(batch=BATCH)
                run.counts["deleted"] += deleted
            self.stdout.write(f"{run.counts['deleted']} deleted")
