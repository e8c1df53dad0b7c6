"""Begins a new epoch of the ledger after it was restored into another cluster."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.models import LedgerEpoch
from billing.services.ledger_care import ledger_rebase
from core.errors import Refused
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the owner, once after a restore or an upgrade, before anything is posted."""

    help = "Let the ledger's time go on in this cluster, and make every balance anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say where it stands; change nothing.")
        parser.add_argument("--force", action="store_true", help="Also where the ledger is at home.")

    def handle(self, *args: Any, dry_run: bool, force: bool, **options: Any) -> None:
        """Rebase in one transaction. Raises CommandError with the sentence of a refusal."""
        if dry_run:
            epoch = LedgerEpoch.objects.order_by("-number").first()
            self.stdout.write(f"{epoch}: cluster {epoch.cluster}, shift {epoch.shift}" if epoch else "none")
            return
        try:
            with run_of("ledger_rebase") as run:
                epoch = ledger_rebase(force=force)
                run.counts["epoch"] = epoch.number
                self.stdout.write(f"{epoch} begins; every balance is made anew")
        except Refused as refusal:
            raise CommandError(refusal.message) from None
