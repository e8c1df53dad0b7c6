"""Matches lines of settlement files whose payment, refund or other side came after them."""

from typing import Any

from django.core.management.base import BaseCommand

from billing.services.reconciliation import settlement_files_match_again
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, every night; run twice, it finds nothing the second time."""

    help = "Match again the lines of settlement files that are exceptions."

    def handle(self, *args: Any, **options: Any) -> None:
        """Match what can be."""
        with run_of("settlement_files_match") as run:
            run.counts["files"], run.counts["lines"] = settlement_files_match_again()
            self.stdout.write(f"{run.counts['lines']} lines of {run.counts['files']} files matched")
