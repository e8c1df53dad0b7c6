"""Has files scanned whose scan was lost, or that were never said to be uploaded."""

from typing import Any

from django.core.management.base import BaseCommand

from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of
from engagement.jobs import attachment_scan
from engagement.services.attachment_scans import attachments_overdue


class Command(BaseCommand):
    """Runs as the worker, hourly. A file whose scan waits already is not given to the queue again."""

    help = "Have attachments scanned that have waited for an hour."

    def handle(self, *args: Any, **options: Any) -> None:
        """Give the scans to the queue, the longest waiting first."""
        with run_of("attachments_chase") as run, acting(Role.WORKER):
            for attachment_id in attachments_overdue():
                attachment_scan.enqueue(attachment_id=attachment_id, key=str(attachment_id))
                run.counts["asked"] += 1
            self.stdout.write(f"{run.counts['asked']} scans asked for again")
