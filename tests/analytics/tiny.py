"""Two tiny roll-ups over a table of their own: amounts by hour, and the hours by day of the platform."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from analytics.rollups import engine
from analytics.rollups.engine import NO_SUBJECT, Bucket, Grain, Rollup, Touch
from tests.sql import run

TABLES = """
CREATE TABLE tiny_amount (subject uuid NOT NULL, at timestamptz NOT NULL, amount integer NOT NULL);
CREATE TABLE tiny_hour (subject uuid, start timestamptz, total integer NOT NULL, PRIMARY KEY (subject, start));
CREATE TABLE tiny_day (start timestamptz PRIMARY KEY, total integer NOT NULL);
GRANT ALL ON tiny_amount, tiny_hour, tiny_day TO vbl_worker;
"""
NO_TABLES = "DROP TABLE tiny_amount, tiny_hour, tiny_day"

ADD = """
WITH written AS (INSERT INTO tiny_amount VALUES (%s, %s, %s) RETURNING subject, at)
SELECT analytics_touch('tiny_hour', subject, date_trunc('hour', at, 'UTC')) FROM written
"""
ASKED = "unnest(%s::uuid[], %s::timestamptz[]) b (subject, start)"


def _columns(buckets: Sequence[Bucket]) -> list[list[object]]:
    return [[bucket.subject for bucket in buckets], [bucket.start for bucket in buckets]]


class TinyHour(Rollup):
    """The sum of a subject's amounts by hour."""

    name = "tiny_hour"
    grain = Grain.HOUR

    def compute(self, buckets: Sequence[Bucket]) -> Iterable[Touch]:
        columns = _columns(buckets)
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM tiny_hour h USING {ASKED} WHERE h.subject = b.subject AND h.start = b.start",
                columns,
            )
            cursor.execute(
                f"INSERT INTO tiny_hour SELECT b.subject, b.start, sum(a.amount) FROM {ASKED} "
                "JOIN tiny_amount a ON a.subject = b.subject AND date_trunc('hour', a.at, 'UTC') = b.start "
                "GROUP BY b.subject, b.start",
                columns,
            )
        return {Touch("tiny_day", NO_SUBJECT, Grain.DAY.floor(bucket.start)) for bucket in buckets}

    def standing(
        self, since: dt.datetime, until: dt.datetime, subject: UUID | None = None
    ) -> Iterable[Bucket]:
        rows = run(
            "SELECT subject, date_trunc('hour', at, 'UTC') FROM tiny_amount WHERE at >= %s AND at < %s "
            "UNION SELECT subject, start FROM tiny_hour WHERE start >= %s AND start < %s",
            [since, until, since, until],
        )
        return (Bucket(*row) for row in rows if subject in (None, row[0]))


class TinyDay(Rollup):
    """The sum of all hours of a day."""

    name = "tiny_day"
    grain = Grain.DAY

    def compute(self, buckets: Sequence[Bucket]) -> Iterable[Touch]:
        columns = _columns(buckets)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM tiny_day d USING {ASKED} WHERE d.start = b.start", columns)
            cursor.execute(
                f"INSERT INTO tiny_day SELECT b.start, sum(h.total) FROM {ASKED} "
                "JOIN tiny_hour h ON h.start >= b.start AND h.start < b.start + interval '1 day' GROUP BY b.start",
                columns,
            )
        return ()

    def standing(
        self, since: dt.datetime, until: dt.datetime, subject: UUID | None = None
    ) -> Iterable[Bucket]:
        return (Bucket(NO_SUBJECT, start) for start in Grain.DAY.starts(since, until))


@contextmanager
def tiny_rollups() -> Iterator[None]:
    """The two are registered, and their tables are there."""
    run(TABLES)
    kept = dict(engine._rollups)
    engine._rollups.clear()
    engine.register(TinyHour())
    engine.register(TinyDay())
    try:
        yield
    finally:
        engine._rollups.clear()
        engine._rollups.update(kept)
        run(NO_TABLES)


def add(subject: UUID, at: dt.datetime, amount: int) -> None:
    """Write a row of the source, and touch its hour, in one transaction."""
    run(ADD, [subject, at, amount])


def hours() -> dict[tuple[UUID, dt.datetime], int]:
    """The roll-up as it stands."""
    return {(subject, start): total for subject, start, total in run("SELECT * FROM tiny_hour")}


def days() -> dict[dt.datetime, int]:
    """The roll-up of the platform as it stands."""
    return dict(run("SELECT * FROM tiny_day"))  # type: ignore[arg-type]
