"""Lets incomplete copyright notices lapse whose time is over, and says what is overdue."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand

from audit.models import CounterNotice, TakedownNotice
from audit.services.counter_notices import counter_notices_lapse
from audit.services.takedown_notices import notices_lapse
from audit.takedown_choices import CounterNoticeStatus, NoticeStatus
from audit.takedown_clocks import COUNTER_CLOCKS, NOTICE_CLOCKS
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of

BATCH = 100
LISTED = 20


class Command(BaseCommand):
    """Runs as the worker, hourly; a batch is a transaction, and several workers may share the work."""

    help = "Let copyright notices lapse whose missing elements did not come, and list what is overdue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Work in batches until nothing is left, then list what people have to do."""
        if dry_run:
            with acting(Role.WORKER):
                notices = TakedownNotice.objects.due().filter(status=NoticeStatus.INCOMPLETE).count()
                counters = CounterNotice.objects.due().filter(status=CounterNoticeStatus.INCOMPLETE).count()
            self.stdout.write(f"{notices} notices and {counters} counter-notices would lapse")
            return
        with run_of("takedowns_due") as run:
            run.counts["notices"] = self._all(notices_lapse)
            run.counts["counter_notices"] = self._all(counter_notices_lapse)
            with acting(Role.WORKER):
                run.counts["overdue"] = self._list(TakedownNotice.objects.due(), NOTICE_CLOCKS)
                run.counts["overdue"] += self._list(CounterNotice.objects.due(), COUNTER_CLOCKS)
            self.stdout.write(
                f"{run.counts['notices']} notices and {run.counts['counter_notices']} counter-notices lapsed, "
                f"{run.counts['overdue']} overdue"
            )

    def _all(self, lapse: Callable[..., int]) -> int:
        total, found = 0, BATCH
        while found == BATCH:
            with acting(Role.WORKER):
                found = lapse(batch=BATCH)
            total += found
        return total

    def _list(self, rows: Any, clocks: Any) -> int:
        for row in rows[:LISTED]:
            self.stdout.write(f"{row}: {clocks[row.status].words}, since {row.due_at:%Y-%m-%d %H:%M} UTC")
        return int(rows.count())
