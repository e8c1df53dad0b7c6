"""Renews subscriptions, ends those that are over, and tries failed charges again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from billing.services.dunning import dunning_run
from billing.services.subscription_renewals import subscriptions_due, subscriptions_renew
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker; a subscription is a transaction, and several workers may share the work."""

    help = "Renew subscriptions whose period is over or end them, and try failed charges again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """First what is due, then what nobody paid."""
        if dry_run:
            with acting(Role.WORKER):
                due = len(subscriptions_due())
            self.stdout.write(f"{due} subscriptions would be renewed or ended")
            return
        with run_of("subscriptions_renew") as run:
            run.counts.update(subscriptions_renew())
            run.counts.update(dunning_run())
            self.stdout.write(", ".join(f"{number} {what}" for what, number in run.counts.items()))
