"""Makes the statements of months that are closed softly, and says which of closed months must be amended."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from billing.ledger_choices import PeriodStatus
from billing.models import AccountingPeriod
from billing.services.tax_statements import tax_statements_freeze
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker; a month is a transaction. What says the same as the ledger stays as it is."""

    help = "Make the statements of earnings of months that are closed softly."

    def handle(self, *args: Any, **options: Any) -> None:
        """Each month in order."""
        with run_of("tax_statements_freeze") as run:
            with acting(Role.WORKER):
                periods = list(
                    AccountingPeriod.objects.filter(status=PeriodStatus.SOFT_CLOSED)
                    .order_by("days")
                    .values_list("pk", flat=True)
                )
            total: Counter[str] = Counter()
            for period_id in periods:
                total.update(tax_statements_freeze(accountingperiod_id=period_id, actor=None))
            run.counts.update(total)
            self.stdout.write(f"{total['made']} statements made, {total['amended']} amended")
