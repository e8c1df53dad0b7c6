"""Keeps enough partitions ahead and finishes what an interruption left."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.db.partitions.maintenance import maintain
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the owner of the tables, daily at least."""

    help = (
        "Create the partitions ahead of now and finish interrupted detachments, for every partitioned table."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done; change nothing.")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        """Maintain all models. Raises CommandError when one has fewer than three periods ahead."""
        if dry_run:
            self._maintain(Counter(), dry_run=True)
        else:
            with run_of("partitions_maintain") as run:
                self._maintain(run.counts, dry_run=False)

    def _maintain(self, counts: Counter[str], *, dry_run: bool) -> None:
        results = maintain(dry_run=dry_run)
        for done in results:
            for name in done.finished:
                self.stdout.write(f"{'would archive' if dry_run else 'archived'} {name}")
            for name in done.created:
                self.stdout.write(f"{'would create' if dry_run else 'created'} {name}")
        counts["tables"] = len(results)
        counts["created"] = sum(len(done.created) for done in results)
        counts["archived"] = sum(len(done.finished) for done in results)
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in counts.items()))
        problems = [problem for done in results for problem in done.problems]
        if problems:
            raise CommandError("\n".join(problems))
