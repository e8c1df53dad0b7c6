"""Plays of the tests, on days that are long over or not, and the roll-ups of the audience."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

from accounts.models import User
from analytics.rollups.engine import Bucket, Grain, rollup_of
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7_derived
from streams.models import Stream
from tests.accounts.factories import UserFactory
from tests.sql import run
from tests.streams.factories_watching import performer, stream

__all__ = ["UserFactory", "performer", "stream"]


def midnight() -> dt.datetime:
    """When the present day began (UTC), for what happens in the test itself: a run may last beyond its day."""
    return dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)


TODAY = midnight()
"""The day on which the run began, from which the other days are told."""

LONG_AGO = (TODAY - dt.timedelta(days=10)).date()
"""A day that is final."""

YESTERDAY = (TODAY - dt.timedelta(days=1)).date()
"""A day that is not: its salt would still live."""

SESSION = """
INSERT INTO analytics_viewersession (id, stream_id, performer_id, day_key, stream_key, is_signed_in, started_at,
  ended_at, watched, watched_seconds, stalled_seconds, errors, dropped_frames, events, country, language, device_class,
  age_band)
VALUES (%s, %s, %s, %s, %s, true, %s, %s, tstzmultirange(tstzrange(%s, %s)), %s, 0, 0, 0, 2, %s, %s, %s, %s)
"""
LINK = "INSERT INTO analytics_playbackviewer (id, user_id, stream_id) VALUES (%s, %s, %s)"


def instant(day: dt.date, clock: str = "12:00") -> dt.datetime:
    """A time of a day in UTC."""
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), dt.UTC)


def play(
    of: Stream,
    key: UUID,
    day: dt.date,
    *,
    by: User | None = None,
    clock: str = "12:00",
    seconds: int = 600,
    **said: Any,
) -> UUID:
    """A session, as the worker writes it: who is `key` on the day, and whose account that is."""
    start = instant(day, clock)
    end = start + dt.timedelta(seconds=seconds)
    pk = uuid7_derived(start, str(uuid4()))
    values = {"country": "DE", "language": "de", "device_class": "mobile", "age_band": "25-34", **said}
    with acting(Role.WORKER):
        run(
            SESSION,
            [pk, of.pk, of.performer_id, key, key, start, end, start, end, seconds, *values.values()],
        )
        if by is not None:
            run(LINK, [pk, by.pk, of.pk])
    return pk


def crowd(of: Stream, day: dt.date, count: int, **said: Any) -> list[UUID]:
    """So many people who watch; their keys."""
    keys = [uuid4() for _ in range(count)]
    for key in keys:
        play(of, key, day, **said)
    return keys


def compute(name: str, *buckets: tuple[UUID, dt.date]) -> None:
    """Have buckets computed, as a run of the roll-ups would."""
    rollup = rollup_of(name)
    assert rollup is not None
    with acting(Role.WORKER):
        rollup.compute([Bucket(subject, instant(day, "00:00")) for subject, day in buckets])


def monday(day: dt.date) -> dt.date:
    """The first day of its week."""
    return Grain.WEEK.floor(instant(day)).date()


def erased(person: User) -> None:
    """The account as it is after `accounts` erased it."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("UPDATE accounts_user SET status = 'closed', closed_at = now() WHERE id = %s", [person.pk])
    run(
        "UPDATE accounts_user SET status = 'erased', handle = NULL, erased_at = now() WHERE id = %s",
        [person.pk],
    )
