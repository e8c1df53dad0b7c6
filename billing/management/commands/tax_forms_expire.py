"""Marks tax forms whose last day is over."""

from typing import Any

from django.core.management.base import BaseCommand

from billing.services.tax_forms import tax_forms_expire
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, in batches."""

    help = "Mark tax forms as expired whose last day is over."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until nothing is due."""
        with run_of("tax_forms_expire") as run:
            total = 0
            while done := tax_forms_expire():
                total += done
            run.counts["expired"] = total
            self.stdout.write(f"{total} tax forms expired")
