"""Begins a new epoch of seals after the trail was restored into another cluster."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.services.seals import trail_rebase
from core.errors import Refused
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the owner, once after a restore or an upgrade, when `verify_audit` has proven what was restored."""

    help = "Begin a new epoch of seals in this cluster; it covers every event that has none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="Also where the trail was sealed in this very cluster."
        )

    def handle(self, *args: Any, force: bool, **options: Any) -> None:
        """Rebase in one transaction. Raises CommandError with the sentence of a refusal."""
        try:
            with run_of("audit_rebase") as run:
                for seal in trail_rebase(force=force):
                    run.counts["seals"] += 1
                    run.counts["events"] += seal.event_count
                    self.stdout.write(f"{seal}, epoch {seal.epoch}: {seal.event_count:,} events")
        except Refused as refusal:
            raise CommandError(refusal.message) from None
