"""Gives invoices and credit notes their numbers."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from billing.services.invoice_numbers import invoices_catch_up, invoices_number
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker; a company is a transaction, and several workers may share the work."""

    help = "Write the invoices that are missing, and give numbers to what waits for them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--batch", type=int, default=500, help="Documents of a company in a transaction.")

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        """Catch up once, then number until nothing waits that this worker may take."""
        with run_of("invoices_number") as run:
            total: Counter[str] = Counter(invoices_catch_up(limit=batch))
            while True:
                done = invoices_number(limit=batch)
                total.update(done)
                if not any(done.values()):
                    break
            run.counts.update(total)
            self.stdout.write(
                f"{total['invoices']} invoices and {total['credit_notes']} credit notes numbered"
            )
