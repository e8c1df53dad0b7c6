"""Makes the occurrences of series eight weeks ahead."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.jobs.runs import run_of
from performers.jobs import schedules_expand


class Command(BaseCommand):
    """Runs as the worker, every hour; each series is a transaction, expanded once a day."""

    help = "Make the planned broadcasts of series, eight weeks ahead."

    def handle(self, *args: Any, **options: Any) -> None:
        """Expand what is due. Ends with an error when a series failed, after all the others are done."""
        with run_of("schedules_expand") as run:
            schedules_expand(run.counts)
            done = ", ".join(
                f"{count} {name.replace('_', ' ')}" for name, count in sorted(run.counts.items()) if count
            )
            self.stdout.write(done or "nothing is due")
            if run.counts["failed"]:
                raise CommandError(
                    f"{run.counts['failed']} series could not be expanded; the log names them."
                )
