"""Releases uses of promotion codes that were reserved for orders nobody paid."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from billing.models import PromotionRedemption
from billing.services.promotion_redemptions import promotion_redemptions_expire
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of

BATCH = 500


class Command(BaseCommand):
    """Runs as the worker, every five minutes; a batch is a transaction."""

    help = "Release uses of promotion codes that were reserved for orders nobody paid."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Work in batches until none is left, or count them."""
        if dry_run:
            with acting(Role.WORKER):
                over = PromotionRedemption.objects.run_out(database_now()).count()
            self.stdout.write(f"{over} would be released")
            return
        with run_of("promotion_redemptions_expire") as run:
            released = BATCH
            while released:
                with acting(Role.WORKER):
                    released = promotion_redemptions_expire(batch=BATCH)
                run.counts["released"] += released
            self.stdout.write(f"{run.counts['released']} released")
