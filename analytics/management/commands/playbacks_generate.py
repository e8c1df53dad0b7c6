"""Invents the audience of a marathon from its real minutes."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, date, datetime, time
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import streams.demo
from analytics.datasets.marathons.chat_loading import marathon_messages_load
from analytics.datasets.marathons.curves import curves_of
from analytics.datasets.marathons.figures import figures_compared
from analytics.datasets.marathons.play_loading import Loaded, marathon_plays_load
from analytics.datasets.marathons.plays import HEARTBEAT, LONGEST_HEARTBEAT
from analytics.datasets.marathons.standing import DAY, Standing, marathon_standing, people_at_home
from analytics.models import PlaybackEvent
from analytics.services.rollups import rollups_run
from core.datasets.registry import DatasetRefused
from core.db.context import acting
from core.db.partitions.errors import PartitionError
from core.db.partitions.manager import ensure_partitions
from core.db.roles import Role
from core.errors import Refused
from streams.datasets.marathon_streams import EVENTS, SET


def scale_of(text: str) -> Fraction:
    """A scale as 1/100 or 0.01, above nought and at most one. Raises ArgumentTypeError."""
    try:
        scale = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ArgumentTypeError(f"{text!r} is no scale; write 1/100 or 0.01") from None
    if not 0 < scale <= 1:
        raise ArgumentTypeError(f"the scale {text} lies not above nought and up to one")
    return scale


def day_of(text: str) -> date:
    """A day as 2026-11-22. Raises ArgumentTypeError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day; write 2026-11-22") from None


def heartbeat_of(text: str) -> int:
    """Seconds between signs of life, at most so many as one is believed. Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= LONGEST_HEARTBEAT:
        raise ArgumentTypeError(f"{text!r} is no number of seconds from 1 to {LONGEST_HEARTBEAT}")
    return int(text)


class Command(BaseCommand):
    """Goes through the ordinary ingestion; a second run with the same seed and scale adds nothing."""

    help = "Invent plays and messages of a marathon, as many viewers in each minute as it really had."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("event", choices=sorted(EVENTS), help="The marathon; import it first.")
        parser.add_argument(
            "--path", type=Path, default=streams.demo.DATA / SET, help="Folder of the source."
        )
        parser.add_argument("--scale", type=scale_of, default=Fraction(1, 100), help="Viewers, as in 1/100.")
        parser.add_argument(
            "--chat-scale", type=scale_of, default=Fraction(1, 10), help="Messages, as in 1/10."
        )
        parser.add_argument("--seed", type=int, default=1, help="Another number is another audience.")
        parser.add_argument("--since", type=day_of, help="First day (UTC, moved); by default the last one.")
        parser.add_argument("--until", type=day_of, help="The day after the last one wanted.")
        parser.add_argument(
            "--heartbeat", type=heartbeat_of, default=HEARTBEAT, help="Seconds between signs of life."
        )
        parser.add_argument(
            "--compare",
            action="store_true",
            help="Run the roll-ups, and say how far they are from the source.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Generate and hand in. Raises CommandError with a sentence for what cannot be."""
        try:
            standing = self._standing(options["event"], options["path"])
            since, until = self._days(standing, options["since"], options["until"])
            self._partitions(since, until)
            self._load(standing, since, until, options)
        except (DatasetRefused, Refused) as error:
            raise CommandError(str(error)) from error
        if options["compare"]:
            rollups_run()
            agreement = figures_compared(
                standing=standing,
                path=options["path"],
                scale=options["scale"],
                chat_scale=options["chat_scale"],
                since=since,
                until=until,
            )
            self.stdout.write(str(agreement))

    def _standing(self, event: str, path: Path) -> Standing:
        curve = curves_of(path).get(event)
        if curve is None:
            raise CommandError(f"{path} has no minutes of {event}.")
        with acting(Role.WORKER):
            standing = marathon_standing(curve)
        if standing is None:
            raise CommandError(f"{event} is not there yet: manage.py import_dataset {SET} {path}")
        return standing

    def _days(self, standing: Standing, since: date | None, until: date | None) -> tuple[date, date]:
        first, end = standing.days
        since, until = since or end - DAY, until or end
        if not first <= since < until <= end:
            raise CommandError(
                f"{standing.title} lies from {first} to before {end}; {since} to before {until} is no part of it."
            )
        return since, until

    def _partitions(self, since: date, until: date) -> None:
        begins, ends = (datetime.combine(day, time(), UTC) for day in (since, until))
        try:
            ensure_partitions(PlaybackEvent, begins, ends)
        except PartitionError as error:
            raise CommandError(f"These days have no partitions: {error}") from error

    def _load(self, standing: Standing, since: date, until: date, options: dict[str, Any]) -> None:
        with acting(Role.WORKER):
            people = people_at_home(standing.stream.performer_id)
        loaded = marathon_plays_load(
            standing=standing,
            scale=options["scale"],
            seed=options["seed"],
            since=since,
            until=until,
            heartbeat=options["heartbeat"],
            people=people,
            progress=self._progress,
        )
        written = marathon_messages_load(
            standing=standing,
            scale=options["chat_scale"],
            seed=options["seed"],
            since=since,
            until=until,
            people=people,
        )
        self.stdout.write(
            f"{loaded.plays:,} plays with {loaded.events:,} events, {loaded.there_before:,} plays there before, "
            f"{loaded.rejected:,} events not taken, {written:,} messages"
        )

    def _progress(self, loaded: Loaded) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{loaded.plays:,} plays, {loaded.events:,} events", ending="")
