"""Has the figures of a range of days computed anew."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.rollups.engine import rollups
from analytics.services.rollups import rollup_rebuild, rollup_run
from core.errors import Refused
from core.jobs.runs import run_of


class Command(BaseCommand):
    """Runs as the worker, by hand; events may come in meanwhile."""

    help = "Compute the figures of a range of days (UTC) anew, and with --run at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="which roll-up: " + ", ".join(each.name for each in rollups()))
        parser.add_argument("since", type=dt.date.fromisoformat, help="the first day, as 2026-11-22")
        parser.add_argument("until", type=dt.date.fromisoformat, help="the day after the last one")
        parser.add_argument("--subject", type=UUID, help="of one subject alone, by its id")
        parser.add_argument("--reason", required=True, help="why, for the trail")
        parser.add_argument("--run", action="store_true", help="run the roll-up until it has caught up")

    def handle(
        self,
        *args: Any,
        name: str,
        since: dt.date,
        until: dt.date,
        subject: UUID | None,
        reason: str,
        run: bool,
        **options: Any,
    ) -> None:
        with run_of("rollup_rebuild") as record:
            try:
                record.counts["buckets"] += rollup_rebuild(
                    name=name, since=since, until=until, subject_id=subject, actor=None, reason=reason
                )
            except Refused as refusal:
                raise CommandError(str(refusal)) from refusal
            self.stdout.write(f"{record.counts['buckets']} buckets of {name} are computed anew")
            while run:
                done = rollup_run(name=name)
                record.counts["computed"] += done.buckets
                self.stdout.write(f"{record.counts['computed']} computed")
                run = not done.is_caught_up
