"""Makes the statements of months that are closed softly; of a quarter or year, when it is named."""

import datetime as dt
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.errors import StatementRefused
from billing.invoice_choices import StatementKind
from billing.ledger_choices import PeriodStatus
from billing.models import AccountingPeriod
from billing.services.tax_statements import tax_statements_freeze, tax_statements_freeze_long
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of

LONG = (StatementKind.QUARTER.value, StatementKind.YEAR.value)


class Command(BaseCommand):
    """Runs as the worker; a month is a transaction. What says the same as the ledger stays as it is."""

    help = "Make the statements of earnings of months that are closed softly, or those of a quarter or year."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--kind", choices=LONG, help="Instead of months; with --first, once all its months are closed."
        )
        parser.add_argument("--first", type=dt.date.fromisoformat, help="Its first day, as 2026-01-01.")

    def handle(self, *args: Any, kind: str | None, first: dt.date | None, **options: Any) -> None:
        """Each month in order, or the quarter or year that is named."""
        if (kind is None) != (first is None):
            raise CommandError("Name a kind and its first day, or neither.")
        with run_of("tax_statements_freeze") as run:
            total = self._months() if kind is None or first is None else self._long(kind, first)
            run.counts.update(total)
            self.stdout.write(f"{total['made']} statements made, {total['amended']} amended")

    def _months(self) -> Counter[str]:
        with acting(Role.WORKER):
            periods = list(
                AccountingPeriod.objects.filter(status=PeriodStatus.SOFT_CLOSED)
                .order_by("days")
                .values_list("pk", flat=True)
            )
        total: Counter[str] = Counter()
        for period_id in periods:
            total.update(tax_statements_freeze(accountingperiod_id=period_id, actor=None))
        return total

    def _long(self, kind: str, first: dt.date) -> Counter[str]:
        try:
            return Counter(tax_statements_freeze_long(kind=kind, first=first, actor=None))
        except StatementRefused as refusal:
            raise CommandError(str(refusal)) from refusal
