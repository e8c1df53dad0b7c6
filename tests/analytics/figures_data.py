"""Streams of a past day, plays, chat and tips of the tests of figures, and the same figures counted one by one."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from analytics.rollups.engine import Bucket, Grain, Touch
from analytics.services.rollups import touches_record
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7_derived
from performers.models import PerformerProfile
from streams.models import Category, Stream
from streams.services.imports import PastStream, Words, streams_import
from tests.sql import run
from tests.streams.factories_watching import performer

__all__ = ["performer"]

DAY = Grain.DAY.floor(dt.datetime.now(dt.UTC)) - dt.timedelta(days=5)
"""A day that is over, within everything's retention."""

HOUR, MINUTE = 3_600, 60
NEXT = 24 * HOUR
Span = tuple[int, int]

PLAY = """
INSERT INTO analytics_viewersession (id, stream_id, performer_id, day_key, stream_key, is_signed_in, started_at,
  ended_at, watched, watched_seconds, stalled_seconds, errors, dropped_frames, events)
VALUES (%s, %s, %s, %s, %s, false, %s, %s, %s::tstzmultirange, %s, %s, %s, 0, 2)
ON CONFLICT (id) DO UPDATE SET started_at = excluded.started_at, ended_at = excluded.ended_at,
  watched = excluded.watched, watched_seconds = excluded.watched_seconds, stalled_seconds = excluded.stalled_seconds,
  errors = excluded.errors
"""
TABLES = (
    "analytics_streamminute",
    "analytics_streamperformance",
    "analytics_performerday",
    "analytics_categoryday",
    "analytics_platformday",
)
KEPT_OUT = {"id", "created_at", "updated_at"}


def at(second: int) -> dt.datetime:
    """The instant so many seconds after the beginning of the day."""
    return DAY + dt.timedelta(seconds=second)


def on_air(
    star: PerformerProfile, since: int = 0, until: int = NEXT, *words: tuple[int, Category | None]
) -> Stream:
    """A stream of the past, by seconds of the day; `words`: from when on it had which category."""
    past = PastStream(
        id=uuid7_derived(at(since), str(star.pk)),
        performer_id=star.pk,
        words=tuple(
            Words(since=at(second), title="Past", category_id=category and category.pk)
            for second, category in (words or ((since, None),))
        ),
        started_at=at(since),
        ended_at=at(until),
    )
    with acting(Role.WORKER):
        (stream,) = streams_import(streams=[past])
    return stream


@cache
def viewer(number: int) -> UUID:
    """The key of a viewer; of the day and of every stream in these tests, which is all that counting asks."""
    return UUID(int=number + 1)


@dataclass(frozen=True)
class Play:
    """A play: whose, of which stream, when it was watched (seconds of the day, half-open), and how badly."""

    stream: Stream
    viewer: int
    spans: tuple[Span, ...]
    stalled: int = 0
    errors: int = 0
    name: str = ""

    @property
    def id(self) -> UUID:
        """The same play has the same id."""
        return uuid7_derived(at(self.spans[0][0]), str(self.stream.pk), str(self.viewer), self.name)


def play(which: Play) -> list[Touch]:
    """Write a play as the roll-up of sessions does, and touch what it touches."""
    ranges = ",".join(f"[{at(since).isoformat()},{at(until).isoformat()})" for since, until in which.spans)
    first, last = which.spans[0][0], max(until for _, until in which.spans)
    key = viewer(which.viewer)
    seconds = sum(until - since for since, until in which.spans)
    values = [
        which.id,
        which.stream.pk,
        which.stream.performer_id,
        key,
        key,
        at(first),
        at(last),
        f"{{{ranges}}}",
        seconds,
        which.stalled,
        which.errors,
    ]
    run(PLAY, values)
    touches = {
        Touch("stream_minute", which.stream.pk, start)
        for start in Grain.HOUR.starts(at(first) - dt.timedelta(microseconds=1), at(last + 1))
    }
    touches_record(touches=touches)
    return sorted(touches)


def spoke(stream: Stream, *seconds: int, kind: str = "user") -> None:
    """Lines of the chat, as the worker brings in those of the past."""
    run(
        "INSERT INTO engagement_chatroom (id, stream_id, performer_id, status) VALUES (%s, %s, %s, 'open') "
        "ON CONFLICT DO NOTHING",
        [uuid4(), stream.pk, stream.performer_id],
    )
    ((room,),) = run("SELECT id FROM engagement_chatroom WHERE stream_id = %s", [stream.pk])
    for second in seconds:
        with without_triggers("engagement_chatmessage"):
            run(
                "INSERT INTO engagement_chatmessage (id, room_id, performer_id, sender_id, kind, body, status) "
                "VALUES (%s, %s, %s, %s, %s, 'Hello', 'visible')",
                [
                    uuid7_derived(at(second), str(uuid4())),
                    room,
                    stream.performer_id,
                    None if kind == "system" else stream.performer_id,
                    kind,
                ],
            )
        told("chat", stream.pk, second)


def spent(
    star: PerformerProfile, tokens: int, second: int, stream: Stream | None = None, kind: str = "tip"
) -> UUID:
    """A spend of the past, as the books would have it; the books themselves are not asked."""
    key = uuid7_derived(at(second), str(uuid4()))
    with without_triggers("billing_tokenspend"):
        run(
            "INSERT INTO billing_tokenspend (id, wallet_id, viewer_id, performer_id, stream_id, kind, tokens, "
            "gift_item_id, quantity, ticket_offer_id, idempotency_key, entry_id, spent_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                key,
                uuid4(),
                uuid4(),
                star.pk,
                stream and stream.pk,
                kind,
                tokens,
                uuid4() if kind == "gift" else None,
                1 if kind == "gift" else None,
                uuid4() if kind == "ticket" else None,
                str(key),
                uuid4(),
                at(second),
            ],
        )
    told("spends", star.pk, second)
    if stream is not None:
        told("stream_spends", stream.pk, second)
    return key


def taken_back(spend: UUID, second: int) -> None:
    """A reversal of the past."""
    with without_triggers("billing_spendreversal"):
        run(
            "INSERT INTO billing_spendreversal (id, spend_id, reason, shortfall, entry_id, reversed_at) "
            "VALUES (%s, %s, 'a mistake', 0, %s, %s)",
            [uuid7_derived(at(second), str(spend)), spend, uuid4(), at(second)],
        )
    ((star, stream, spent_at),) = run(
        "SELECT performer_id, stream_id, spent_at FROM billing_tokenspend WHERE id = %s", [spend]
    )
    told("reversals", star, second)
    if stream:
        run("SELECT figures_changed('stream_spends', %s, %s)", [stream, spent_at])


def followed(star: PerformerProfile, second: int, ended: int | None = None) -> None:
    """A follow of the past."""
    with without_triggers("engagement_follow"):
        run(
            "INSERT INTO engagement_follow (id, user_id, performer_id, notify, created_at, updated_at, ended_at, "
            "end_cause) VALUES (%s, %s, %s, 'all', %s, %s, %s, %s)",
            [
                uuid7_derived(at(second), str(uuid4())),
                uuid4(),
                star.pk,
                at(second),
                at(second),
                None if ended is None else at(ended),
                None if ended is None else "unfollowed",
            ],
        )
    told("follows", star.pk, second)
    if ended is not None:
        told("follows", star.pk, ended)


def told(source: str, subject: UUID, second: int) -> None:
    """What the trigger of a source says."""
    run("SELECT figures_changed(%s, %s, %s)", [source, subject, at(second)])


@contextmanager
def without_triggers(*tables: str) -> Iterator[None]:
    """Rows of the past in these tables, which no service, trigger or foreign key would let in."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")
    for table in tables:
        for (name,) in run(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'", [table]
        ):
            run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")
    for table in tables:
        run(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def compute_all(streams: Iterable[Stream], *days: int) -> None:
    """Compute every bucket of these streams on these days (0: the day), in order, without the engine."""
    from analytics.rollups.engine import NO_SUBJECT, rollup_of

    starts = [DAY + dt.timedelta(days=day) for day in (days or (0,))]
    found = list(streams)
    hours = [start + dt.timedelta(hours=hour) for start in starts for hour in range(24)]
    with acting(Role.WORKER):
        compute("stream_minute", [Bucket(each.pk, hour) for each in found for hour in hours])
        performers = {each.performer_id for each in found}
        compute("performer_day", [Bucket(key, start) for key in performers for start in starts])
        touched = compute(
            "stream_performance", [Bucket(each.pk, start) for each in found for start in starts]
        )
        compute("category_day", [Bucket(touch.subject, touch.start) for touch in touched])
        compute("platform_day", [Bucket(NO_SUBJECT, start) for start in starts])
        assert rollup_of("platform_day") is not None


def compute(name: str, buckets: Sequence[Bucket]) -> list[Touch]:
    """Compute these buckets of a roll-up at once, as the role that acts; what that touches."""
    from analytics.rollups.engine import rollup_of

    rollup = rollup_of(name)
    assert rollup is not None
    return list(rollup.compute(sorted(set(buckets)))) if buckets else []


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Every figure as it stands, without what says when it was written."""
    found = {}
    for table in TABLES:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            kept = [n for n, column in enumerate(cursor.description) if column.name not in KEPT_OUT]
            found[table] = sorted((tuple(row[n] for n in kept) for row in cursor.fetchall()), key=repr)
    return found


# The same figures, counted one by one: sets of seconds, without ranges and without a sweep.


def seconds_of(plays: Iterable[Play]) -> dict[int, set[int]]:
    """By viewer: every second watched."""
    watched: dict[int, set[int]] = {}
    for each in plays:
        for since, until in each.spans:
            watched.setdefault(each.viewer, set()).update(range(since, until))
    return watched


def concurrency(plays: Iterable[Play]) -> dict[int, int]:
    """By minute of the day: how many watched its first second; minutes of nobody are left out."""
    counts: dict[int, int] = {}
    for seconds in seconds_of(plays).values():
        for second in seconds:
            if second % MINUTE == 0:
                counts[second // MINUTE] = counts.get(second // MINUTE, 0) + 1
    return counts


def moves(plays: Iterable[Play]) -> dict[int, tuple[int, int]]:
    """By minute of the day: how many began, and how many ceased to watch."""
    counts: dict[int, list[int]] = {}
    for seconds in seconds_of(plays).values():
        for second in seconds:
            if second - 1 not in seconds:
                counts.setdefault(second // MINUTE, [0, 0])[0] += 1
            if second + 1 not in seconds:
                counts.setdefault(second // MINUTE, [0, 0])[1] += 1
    return {minute: (joins, leaves) for minute, (joins, leaves) in counts.items()}
