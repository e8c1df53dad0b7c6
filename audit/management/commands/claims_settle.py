"""Lets cases whose lease ran out say that they wait."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models.functions import Now

from audit.models import Case
from audit.moderation_choices import CaseStatus
from audit.services.claims import claims_settle
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of

BATCH = 200


class Command(BaseCommand):
    """Runs as the worker, every minute. A case whose lease ran out is free without it."""

    help = "Send cases back to where they waited, whose lease has run out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Settle them, a batch a transaction."""
        if dry_run:
            with acting(Role.WORKER):
                over = Case.objects.filter(status=CaseStatus.CLAIMED, claimed_until__lte=Now()).count()
            self.stdout.write(f"{over} would be settled")
            return
        with run_of("claims_settle") as run:
            settled = BATCH
            while settled == BATCH:
                with acting(Role.WORKER):
                    settled = claims_settle(batch=BATCH)
                run.counts["settled"] += settled
            self.stdout.write(f"{run.counts['settled']} settled")
