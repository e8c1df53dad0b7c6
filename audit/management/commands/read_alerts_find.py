"""Asks the rules again about what staff read lately, and says how many alerts nobody has reviewed in time."""

from typing import Any

from django.core.management.base import BaseCommand

from audit.models import ReadAlert
from audit.services.read_alerts import read_alerts_find
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, hourly; may be run twice, or by two at once."""

    help = "Look again for unusual readings of encrypted data, private messages, archives and evidence."

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, and count what waits too long."""
        with run_of("read_alerts_find") as run, acting(Role.WORKER):
            run.counts["readings"], run.counts["alerts"] = read_alerts_find()
            run.counts["overdue"] = ReadAlert.objects.overdue().count()
        self.stdout.write(
            f"{run.counts['readings']} readings, {run.counts['alerts']} new alerts, "
            f"{run.counts['overdue']} alerts overdue"
        )
