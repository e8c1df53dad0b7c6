"""What a roll-up is: a name, a grain, and how buckets are computed from their sources.

A bucket is a subject and an hour, day, week or month of it. Whoever writes a source touches the buckets it concerns, in
the transaction of the change; a run (`analytics.services.rollups`) takes the touches that are final and has each
touched bucket computed anew, whole. So a bucket never depends on what it was before: a late row, a second one, a run
that was killed and a rebuild all come to the same numbers (docs/guides/figures.md).
"""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from dateutil.relativedelta import relativedelta

NO_SUBJECT = UUID(int=0)
"""The subject of buckets that are of the whole platform."""


class Grain(StrEnum):
    """How long a bucket is, in UTC; the values are those of PostgreSQL's date_trunc. Weeks begin on Monday."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def floor(self, instant: dt.datetime) -> dt.datetime:
        """The start of the bucket in which `instant` lies. Raises ValueError for a naive instant."""
        if instant.tzinfo is None:
            raise ValueError(f"{instant!r} has no time zone; a bucket is of instants.")
        hour = instant.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
        if self is Grain.HOUR:
            return hour
        day = hour.replace(hour=0)
        if self is Grain.WEEK:
            return day - dt.timedelta(days=day.weekday())
        return day.replace(day=1) if self is Grain.MONTH else day

    def after(self, start: dt.datetime) -> dt.datetime:
        """The start of the bucket that follows the one that begins at `start`."""
        if self is Grain.MONTH:
            return start + relativedelta(months=1)
        return start + _STEPS[self]

    def starts(self, since: dt.datetime, until: dt.datetime) -> Iterator[dt.datetime]:
        """The starts of all buckets that share an instant with `[since, until)`, in order."""
        start = self.floor(since)
        while start < until:
            yield start
            start = self.after(start)


_STEPS = {
    Grain.HOUR: dt.timedelta(hours=1),
    Grain.DAY: dt.timedelta(days=1),
    Grain.WEEK: dt.timedelta(weeks=1),
}


@dataclass(frozen=True, order=True, slots=True)
class Bucket:
    """One subject and one hour, day, week or month of it: what is computed whole."""

    subject: UUID
    start: dt.datetime


@dataclass(frozen=True, order=True, slots=True)
class Touch:
    """A bucket of a roll-up that has to be computed anew."""

    rollup: str
    subject: UUID
    start: dt.datetime


class Rollup(ABC):
    """One roll-up: registered once, in order of dependence, in `AppConfig.ready()`."""

    name: str
    grain: Grain

    @abstractmethod
    def compute(self, buckets: Sequence[Bucket]) -> Iterable[Touch]:
        """Replace the figures of these buckets whole, and return which buckets of other roll-ups that touches.

        Runs as the worker, inside the transaction of the run; `buckets` are distinct and in order. A bucket without
        sources ends without rows. Must not read what it wrote before.
        """

    @abstractmethod
    def standing(
        self, since: dt.datetime, until: dt.datetime, subject: UUID | None = None
    ) -> Iterable[Bucket]:
        """Every bucket that shares an instant with `[since, until)`, for a rebuild: of the subject, or of all.

        Those that have sources, and those that have rows without sources. May name one twice.
        """

    def earliest(self, now: dt.datetime) -> dt.datetime | None:
        """From when on its sources are whole at `now`; None: they are kept as long as its rows.

        Buckets that begin before are closed: no touch and no rebuild computes them, since what retention has taken
        from the sources would be missing from the figures.
        """
        return None


_rollups: dict[str, Rollup] = {}


def register(rollup: Rollup) -> None:
    """Make a roll-up known; after those whose results it reads. Raises ValueError for a name that is taken."""
    if rollup.name in _rollups:
        raise ValueError(f"The roll-up {rollup.name!r} is registered twice.")
    _rollups[rollup.name] = rollup


def forget(name: str) -> None:
    """Take a roll-up out of the register; tests that register one of their own do."""
    _rollups.pop(name, None)


def rollup_of(name: str) -> Rollup | None:
    """The roll-up of that name, None where there is none."""
    return _rollups.get(name)


def rollups() -> tuple[Rollup, ...]:
    """All roll-ups, in the order in which they were registered: each after those that it reads."""
    return tuple(_rollups.values())
