"""Deletes what the policies of retention say."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.errors import RetentionRefused
from audit.models import RetentionPolicy
from audit.services.retention import executed_policies, retention_run
from core.jobs.runs import Run, run_of


class Command(BaseCommand):
    """Runs as the owner, daily, and acts as the retention role; what a legal hold covers stays."""

    help = "Delete the rows whose time is over, by the policies that this job obeys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--table", default="", help="Only this table: accounts_usersession.")
        parser.add_argument("--dry-run", action="store_true", help="Count and record; delete nothing.")

    def handle(self, *args: Any, table: str, dry_run: bool, **options: Any) -> None:
        """Obey one policy after the other. Raises CommandError for a table that this job does not empty."""
        try:
            found = executed_policies(table)
        except RetentionRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if dry_run:
            for policy in found:
                self._obey(policy, None)
            return
        with run_of("retention_run") as run:
            for policy in found:
                self._obey(policy, run)

    def _obey(self, policy: RetentionPolicy, run: Run | None) -> None:
        done = retention_run(policy=policy, dry_run=run is None)
        free = done.deleted if run else done.found - done.held
        verb = "deleted" if run else "would be deleted"
        self.stdout.write(f"{policy.table_name}: {free} {verb}, {done.held} held")
        if run:
            run.counts["deleted"] += done.deleted
            run.counts["held"] += done.held
