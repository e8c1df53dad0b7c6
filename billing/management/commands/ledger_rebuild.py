"""Makes the balances of the ledger anew from its postings."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from billing.models import LedgerProof
from billing.services.ledger_care import ledger_rebuild
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the owner, when ledger_prove found balances that are not the sum of their postings."""

    help = "Make every balance of the ledger anew from its postings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say which are wrong; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Say which balances are wrong, and unless it is a dry run make all of them anew."""
        for row in LedgerProof.objects.exclude(difference=0).order_by("code"):
            self.stdout.write(f"{row.code}: shows {row.shown}, its postings sum to {row.recomputed}")
        if dry_run:
            return
        with run_of("ledger_rebuild") as run:
            run.counts["wrong"] += ledger_rebuild()
            self.stdout.write(f"{run.counts['wrong']} balances were wrong; all are made anew")
