"""Destroys what is left of private messages when its time is over."""

from typing import Any

from django.core.management.base import BaseCommand

from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of
from engagement.services.attachment_scans import attachments_forget
from engagement.services.direct_messages import direct_messages_forget

BATCH = 1000


class Command(BaseCommand):
    """Runs as the worker, nightly, in batches of a transaction each. What evidence or a hold needs stays."""

    help = (
        "Empty messages deleted 30 days ago; destroy attachments that were refused, never sent, or outlived."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until a batch is not full any more."""
        with run_of("private_messages_forget") as run:
            done = BATCH
            while done == BATCH:
                with acting(Role.WORKER):
                    done = direct_messages_forget(batch=BATCH)
                run.counts["messages"] += done
            while done := attachments_forget():
                run.counts["attachments"] += done
            self.stdout.write(
                f"{run.counts['messages']} messages emptied, {run.counts['attachments']} attachments destroyed"
            )
