"""Does rolling up a new hour cost the same with ten million past events as with one million?

`python -m benchmarks.rollups [--sizes N ...] [--hour N] [--rounds N]`. Fills the three days before today with events up
to each size (twenty to a play, and the session of each play), and measures there, on the same server, what each roll-up
takes for the same new hour: `--hour` plays that began within it, of a hundred performers, every bucket that they touch,
computed as a run computes it and rolled back. What counts are the ratios to the smallest size: what else the machine
does meets all of them. Prints a table in Markdown.
"""

import argparse
import datetime as dt
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

from core.db.provisioning_sql import SEARCH_PATH

SIZES = (1_000_000, 10_000_000)
DAYS, PERFORMERS, EVENTS_OF_PLAY, VIEWERS = 3, 100, 20, 50_000
PLAYS_AT_ONCE = 20_000
SECONDS_BETWEEN = 30

PERSON = "('018c00000000' || '70008000' || lpad(to_hex(({n})::bigint), 12, '0'))::uuid"
STREAM = (
    "('018d00000000' || '7000a' || lpad(to_hex(({day})::bigint), 3, '0') "
    "|| lpad(to_hex(({n})::bigint), 12, '0'))::uuid"
)
KEY = "md5('viewer' || ({n})::text)::uuid"
AT = "(date_trunc('day', now(), 'UTC') - ({day}) * interval '1 day' + ({second}) * interval '1 second')"
ID = (
    "(lpad(to_hex((extract(epoch FROM {at}) * 1000)::bigint), 12, '0') || '7' || right(md5({salt}), 3) || '8' "
    "|| left(md5({salt}), 15))::uuid"
)

SET_UP = f"""
INSERT INTO accounts_user (id, handle, locale, time_zone, sign_up_source, signed_up_at, status)
SELECT {PERSON.format(n="n")}, 'bench_' || n, 'en', 'UTC', 'import', now(), 'active'
FROM generate_series(1, {PERFORMERS}) n;
INSERT INTO performers_performerprofile
  (id, user_id, stage_name, slug, headline, biography, pronouns, displayed_location, status, submitted_at,
   verified_at)
SELECT {PERSON.format(n="n")}, {PERSON.format(n="n")}, 'Bench ' || n, 'bench-' || n, '', '', '', '', 'verified', now(),
  now()
FROM generate_series(1, {PERFORMERS}) n;
INSERT INTO streams_category (id, name, slug, is_listed, path, depth, numchild)
SELECT {PERSON.format(n="900000 + n")}, 'Bench category ' || n, 'bench-category-' || n, true,
  'Z' || lpad(upper(to_hex(n)), 3, '0'), 1, 0
FROM generate_series(1, 5) n;
INSERT INTO streams_stream
  (id, performer_id, title, description, language, visibility, status, started_at, ended_at, end_reason)
SELECT {STREAM.format(day="d", n="n")}, {PERSON.format(n="n")}, 'Evening ' || n, '', 'en', 'public', 'ended',
  {AT.format(day="d", second="0")}, {AT.format(day="d", second="86399")}, 'imported'
FROM generate_series(1, {PERFORMERS}) n, generate_series(0, {DAYS}) d;
INSERT INTO streams_streammetadataversion (id, stream_id, performer_id, title, description, language, category_id,
  valid)
SELECT uuidv7(), {STREAM.format(day="d", n="n")}, {PERSON.format(n="n")}, 'Evening ' || n, '', 'en',
  {PERSON.format(n="900001 + n % 5")}, tstzrange({AT.format(day="d", second="0")}, NULL)
FROM generate_series(1, {PERFORMERS}) n, generate_series(0, {DAYS}) d;
INSERT INTO analytics_streamperformance (id, stream_id, performer_id, started_at, ended_at, minutes_on_air,
  unique_viewers, peak_viewers, viewer_minutes, watch_seconds, sessions, stalled_seconds, errors, chat_messages,
  new_followers, tips, tip_tokens, tokens_spent, tokens_reversed)
SELECT uuidv7(), {STREAM.format(day="d", n="n")}, {PERSON.format(n="n")}, {AT.format(day="d", second="0")},
  {AT.format(day="d", second="86399")}, 1440, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM generate_series(1, {PERFORMERS}) n, generate_series(0, {DAYS}) d;
ANALYZE accounts_user, performers_performerprofile, streams_stream, streams_category, streams_streammetadataversion,
  analytics_streamperformance;
"""

# Of each play number: its day, its second and its viewer; the last play of every day ends before midnight.
PLAYS = f"""
SELECT n, day, second, {ID.format(at=AT.format(day="day", second="second"), salt="'play' || n")} AS play,
  {STREAM.format(day="day", n=f"1 + n % {PERFORMERS}")} AS stream,
  {PERSON.format(n=f"1 + n % {PERFORMERS}")} AS performer,
  {KEY.format(n=f"n * 7919 % {VIEWERS}")} AS viewer
FROM (SELECT n, {{day}} AS day, {{second}} AS second FROM generate_series(%(first)s::bigint, %(last)s::bigint) n) x
"""
EVENTS = f"""
INSERT INTO analytics_playbackevent (id, playback, stream_id, performer_id, sequence, offset_milliseconds, kind,
  day_key, stream_key, is_signed_in, stalled_milliseconds, errors, dropped_frames)
SELECT {ID.format(at=AT.format(day="p.day", second="p.second"), salt="'play' || p.n || ':' || e")}, p.play, p.stream,
  p.performer, e, (e - 1) * {SECONDS_BETWEEN} * 1000,
  CASE e WHEN 1 THEN 'start' WHEN {EVENTS_OF_PLAY} THEN 'stop' ELSE 'heartbeat' END, p.viewer, p.viewer, false, 0, 0, 0
FROM ({PLAYS}) p, generate_series(1, {EVENTS_OF_PLAY}) e
"""
SESSIONS = f"""
INSERT INTO analytics_viewersession (id, stream_id, performer_id, day_key, stream_key, is_signed_in, started_at,
  ended_at, watched, watched_seconds, stalled_seconds, errors, dropped_frames, events)
SELECT p.play, p.stream, p.performer, p.viewer, p.viewer, false, a.at, a.at + l.long,
  tstzmultirange(tstzrange(a.at, a.at + l.long)),
  {(EVENTS_OF_PLAY - 1) * SECONDS_BETWEEN}, 0, 0, 0, {EVENTS_OF_PLAY}
FROM ({PLAYS}) p
CROSS JOIN LATERAL (SELECT {AT.format(day="p.day", second="p.second")} AS at) a
CROSS JOIN (SELECT interval '{(EVENTS_OF_PLAY - 1) * SECONDS_BETWEEN} seconds' AS long) l
"""
PAST = {"day": f"1 + n % {DAYS}", "second": "n * 104729 % 85000"}
"""Over the days before, one after the other in no order."""

HOUR = {"day": "0", "second": "n * 104729 % 3000"}
"""Within the first hour of today, which is over soonest."""

NEW = 1_000_000_000
"""Numbers of the new hour's plays begin here."""


class Bench:
    """One throw-away database, and what is measured in it."""

    def __init__(self, filling: str, hour: int, rounds: int) -> None:
        # What lies in the past is filled in as superuser, who alone can leave out triggers.
        self.filling = psycopg.connect(filling, autocommit=True)
        self.hour, self.rounds = hour, rounds
        self.filling.execute(f"SET search_path = {SEARCH_PATH}")
        self.filling.execute("SET session_replication_role = replica")
        for statement in SET_UP.split(";"):
            if statement.strip():
                self.filling.execute(statement)
        self._fill(NEW, NEW + hour, HOUR, sessions=False)

    def _fill(self, start: int, end: int, place: dict[str, str], *, sessions: bool = True) -> None:
        for first in range(start, end, PLAYS_AT_ONCE):
            numbers = {"first": first, "last": min(first + PLAYS_AT_ONCE, end) - 1}
            for statement in (EVENTS, SESSIONS) if sessions else (EVENTS,):
                self.filling.execute(
                    statement.replace("{day}", place["day"])
                    .replace("{second}", place["second"])
                    .replace(" % ", " %% "),
                    numbers,
                )

    def grow(self, start: int, end: int) -> None:
        """Past events from number `start` to `end`, with their sessions."""
        self._fill(start // EVENTS_OF_PLAY, end // EVENTS_OF_PLAY, PAST)
        self.filling.execute("VACUUM (ANALYZE) analytics_playbackevent, analytics_viewersession")

    def plays(self) -> list[UUID]:
        """The plays of the new hour."""
        rows = self.filling.execute(
            "SELECT DISTINCT playback FROM analytics_playbackevent WHERE id >= analytics_id_floor("
            "date_trunc('day', now(), 'UTC')) AND id < analytics_id_floor("
            "date_trunc('day', now(), 'UTC') + interval '1 hour')"
        )
        return sorted(row[0] for row in rows.fetchall())

    def measure(self) -> dict[str, float]:
        """Milliseconds of each roll-up for the new hour, the median of the rounds after one that warms up."""
        from django.db import transaction

        times: dict[str, list[float]] = {}
        for turn in range(self.rounds + 1):
            with transaction.atomic():
                for name, took in self.round():
                    if turn:
                        times.setdefault(name, []).append(took)
                transaction.set_rollback(True)
        return {name: statistics.median(took) * 1000 for name, took in times.items()}

    def round(self) -> list[tuple[str, float]]:
        """Everything that the new hour touches, roll-up by roll-up, each with what those before it touched."""
        from analytics.rollups.engine import Bucket, rollups
        from analytics.rollups.viewer_sessions import bucket_of
        from core.db.context import acting
        from core.db.roles import Role

        waiting: dict[str, set[Any]] = {"viewer_session": {bucket_of(play) for play in self.plays()}}
        done = []
        with acting(Role.WORKER):
            for rollup in rollups():
                buckets: Sequence[Bucket] = sorted(waiting.get(rollup.name, ()))
                if not buckets:
                    continue
                start = time.perf_counter()
                for touch in rollup.compute(buckets):
                    waiting.setdefault(touch.rollup, set()).add(Bucket(touch.subject, touch.start))
                done.append((rollup.name, time.perf_counter() - start))
        return [*done, ("all of them", sum(took for _, took in done))]


def main() -> None:
    """Make a database, fill it step by step, and measure at each."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of past events")
    arguments.add_argument("--hour", type=int, default=2_000, help="plays of the new hour")
    arguments.add_argument("--rounds", type=int, default=15, help="of each size")
    chosen = arguments.parse_args()

    from tests.database import databases

    with databases() as made:
        name = f"{made.run}_bench"
        made.clone(name)
        os.environ["TEST_DATABASE_URL"] = os.environ["DATABASE_URL"] = made.url(name)
        import django

        django.setup()
        from django.db import connection

        bench = Bench(make_conninfo(made.superuser, dbname=name), chosen.hour, chosen.rounds)
        print(
            f"processors {os.cpu_count()}, load before {os.getloadavg()[0]:.1f}, new hour: {chosen.hour:,} plays, "
            f"{dt.datetime.now(dt.UTC):%Y-%m-%d}\n",
            flush=True,
        )
        found: dict[int, dict[str, float]] = {}
        before = 0
        for size in sorted(chosen.sizes):
            bench.grow(before, size)
            found[size], before = bench.measure(), size
        bench.filling.close()
        connection.close()
    first = found[min(found)]
    print(
        f"| Roll-up of a new hour | {' | '.join(f'{size:,} past events' for size in found)} | last ÷ first |"
    )
    print(f"|{' --- |' * (len(found) + 2)}")
    for what in first:
        cells = [f"{measured[what]:.0f} ms" for measured in found.values()]
        print(f"| {what} | {' | '.join(cells)} | {found[max(found)][what] / first[what]:.2f} |")


if __name__ == "__main__":
    main()
