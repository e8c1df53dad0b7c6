"""Carries on with subject requests that run, and says which are overdue."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit.models import SubjectRequest
from audit.services.subject_request_runs import subject_request_run, subject_requests_running
from core.db.context import acting
from core.db.roles import Role
from core.jobs.runs import run_of

LISTED = 20


class Command(BaseCommand):
    """Runs as the worker, hourly: erasures whose cooling period is over, objects that could not be removed before."""

    help = "Carry on with subject requests that are being carried out, and list what is overdue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Try each that runs, one after the other; one that fails does not keep the others waiting."""
        with acting(Role.WORKER):
            found = subject_requests_running()
        if dry_run:
            self.stdout.write(f"{len(found)} requests would be carried on with")
            return
        failure: Exception | None = None
        with run_of("subject_requests_run") as run:
            for request_id in found:
                try:
                    outcome = subject_request_run(request_id=request_id)
                except Exception as error:
                    failure = failure or error
                    run.counts["failed"] += 1
                else:
                    run.counts[str(outcome) if outcome else "nothing"] += 1
            with acting(Role.WORKER):
                overdue = SubjectRequest.objects.due()
                run.counts["overdue"] = overdue.count()
                for request in overdue[:LISTED]:
                    self.stdout.write(f"{request}: due since {request.deadline:%Y-%m-%d %H:%M} UTC")
            self.stdout.write(f"{len(found)} requests tried, {run.counts['overdue']} overdue")
            if failure is not None:
                raise failure
