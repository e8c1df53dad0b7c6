"""Deletes jobs that ended long ago."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from core.jobs.runs import run_of

DONE_KEPT = 7
OTHERS_KEPT = 90
"""Days after the end of a job."""

BATCH = 1000

# Numbers grow with time: the first batch in which every job was made lately is the last one to look at.
BATCHES = """
SELECT j.id, j.status IN ('succeeded', 'failed', 'cancelled', 'aborted') AND life.ended < now() - make_interval(
    days => CASE j.status WHEN 'succeeded' THEN %(done)s ELSE %(others)s END
  ), life.begun < now() - make_interval(days => %(done)s)
FROM procrastinate_jobs j
CROSS JOIN LATERAL (
  SELECT coalesce(min(e.at), '-infinity') AS begun, coalesce(max(e.at), '-infinity') AS ended
  FROM procrastinate_events e WHERE e.job_id = j.id AND e.type <> 'scheduled'
) AS life
WHERE j.id > %(after)s
ORDER BY j.id
LIMIT %(batch)s
"""
# Their events go with them; a period of the schedule forgets its job by a trigger.
DELETES = (
    "DELETE FROM core_jobreceipt WHERE job_id = ANY(%s)",
    "DELETE FROM core_jobincident WHERE job_id = ANY(%s)",
    "DELETE FROM procrastinate_jobs WHERE id = ANY(%s)",
)


class Command(BaseCommand):
    """Runs as the owner. Done jobs are kept 7 days, dead letters and cancelled ones 90, counted from their end."""

    help = "Delete jobs that ended long ago, with their events, receipts and incidents."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say how many there are; change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Delete them, a batch a transaction."""
        if dry_run:
            self.stdout.write(f"{sum(len(numbers) for numbers in _old())} would be deleted")
            return
        with run_of("jobs_forget") as run:
            for numbers in _old():
                run.counts["deleted"] += _delete(numbers)
            self.stdout.write(f"{run.counts['deleted']} deleted")


def _old() -> Iterator[list[int]]:
    """The numbers of jobs to delete, a batch at a time."""
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                BATCHES, {"done": DONE_KEPT, "others": OTHERS_KEPT, "after": after, "batch": BATCH}
            )
            rows = cursor.fetchall()
        if numbers := [number for number, old, _ in rows if old]:
            yield numbers
        if len(rows) < BATCH or not any(made_long_ago for _, _, made_long_ago in rows):
            return
        after = rows[-1][0]


@transaction.atomic
def _delete(numbers: list[int]) -> int:
    with connection.cursor() as cursor:
        for statement in DELETES:
            cursor.execute(statement, [numbers])
        return cursor.rowcount
