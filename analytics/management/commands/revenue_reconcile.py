"""Proves that figures of revenue say what the ledger says, or names where they do not."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analytics.errors import RevenueRefused
from analytics.services.revenue import revenue_catch_up, revenue_reconcile
from core.jobs.runs import run_of

MOST_NAMED = 20
"""Differences that the failure names; the page of revenue shows all."""


class Command(BaseCommand):
    """Runs as the worker, nightly; may be run twice, or by two. Fails when a day differs from the ledger."""

    help = "Compare the revenue of each day with the ledger, by account, to the minor unit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--since", type=dt.date.fromisoformat, help="First day to prove (2026-03-01).")
        parser.add_argument("--until", type=dt.date.fromisoformat, help="Day after the last one to prove.")

    def handle(self, *args: Any, since: dt.date | None, until: dt.date | None, **options: Any) -> None:
        """Compute what waits, compare, and say how it stands. Raises CommandError where figures and ledger differ."""
        with run_of("revenue_reconcile") as run:
            run.counts["computed"] += revenue_catch_up()
            try:
                found = revenue_reconcile(since=since, until=until)
            except RevenueRefused as refusal:
                raise CommandError(str(refusal)) from refusal
            run.counts["days"] += found.days
            run.counts["compared"] += found.compared
            run.counts["differences"] += len(found.differences)
            for difference in found.differences:
                self.stderr.write(str(difference))
            if found.differences:
                named = "; ".join(str(difference) for difference in found.differences[:MOST_NAMED])
                raise CommandError(
                    f"Revenue is not what the ledger says, {len(found.differences)} differences: {named}"
                )
            self.stdout.write(
                f"proven: {found.days} days, {found.compared} sums of figures are those of the ledger"
            )
