"""Does the chat stay as fast with five million messages as with a hundred thousand?

`python -m benchmarks.chat [--sizes N ...] [--rounds N]`. Fills the messages of three months up to each size and
measures there, on the same server: a single send as a viewer (the refusals asked, then the insert with its trigger),
a batch of 1,000 as the worker by one INSERT, the backlog of a room, what somebody wrote across rooms, the feed of
whom a viewer follows and who is on air, and the badge of unread notifications, of which there are as many as messages.
What counts are the ratios to the smallest size: what else the machine does meets all of them. Prints a table in
Markdown.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

from core.db.provisioning_sql import SEARCH_PATH

SIZES = (100_000, 1_000_000, 5_000_000)
ROOMS, SENDERS, BATCH, DAYS = 200, 20_000, 1_000, 60
FOLLOWED = 25
"""Performers that each person follows."""

PERSON = (
    "(lpad(to_hex(1700000000000 + ({n}) * 1000), 12, '0') || '70008000' "
    "|| lpad(to_hex(({n})::bigint), 12, '0'))::uuid"
)
ROOM = "('018d00000000' || '7000b000' || lpad(to_hex(({n})::bigint), 12, '0'))::uuid"
STREAM = "('018d00000000' || '7000a000' || lpad(to_hex(({n})::bigint), 12, '0'))::uuid"

SET_UP = f"""
SET session_replication_role = replica;
INSERT INTO accounts_user (id, handle, locale, time_zone, sign_up_source, signed_up_at, status)
SELECT {PERSON.format(n="n")}, 'bench_' || n, 'en', 'UTC', 'import', now(), 'active'
FROM generate_series(1, {SENDERS}) n;
INSERT INTO performers_performerprofile
  (id, user_id, stage_name, slug, headline, biography, pronouns, displayed_location, status,
   submitted_at, verified_at)
SELECT {PERSON.format(n="n")}, {PERSON.format(n="n")}, 'Bench ' || n, 'bench-' || n, '', '', '', '', 'verified',
  now(), now()
FROM generate_series(1, {ROOMS}) n;
INSERT INTO streams_stream
  (id, performer_id, title, description, language, visibility, status, started_at, lease, last_heartbeat_at)
SELECT {STREAM.format(n="n")}, {PERSON.format(n="n")}, 'Evening ' || n, '', 'en', 'public', 'live',
  now(), uuidv7(), now()
FROM generate_series(1, {ROOMS}) n;
INSERT INTO engagement_follow (user_id, performer_id, notify)
SELECT {PERSON.format(n="n")}, {PERSON.format(n="1 + (n + 7 * k) % " + str(ROOMS))}, 'all'
FROM generate_series(1, {SENDERS}) n, generate_series(1, {FOLLOWED}) k WHERE n <> 1 + (n + 7 * k) % {ROOMS};
INSERT INTO engagement_chatroom (id, stream_id, performer_id, status)
SELECT {ROOM.format(n="n")}, {STREAM.format(n="n")}, {PERSON.format(n="n")}, 'open' FROM generate_series(1, {ROOMS}) n;
SET session_replication_role = origin;
ANALYZE accounts_user, performers_performerprofile, streams_stream, engagement_chatroom, engagement_follow;
"""

# Messages lie in the months that were, notifications in those to come: their partitions are there.
GROW = f"""
SET session_replication_role = replica;
INSERT INTO engagement_chatmessage (id, room_id, performer_id, sender_id, kind, body, status)
SELECT uuidv7(-interval '1 day' * {DAYS} * random()), {ROOM.format(n="1 + n %% " + str(ROOMS))},
  {PERSON.format(n="1 + n %% " + str(ROOMS))}, {PERSON.format(n="1 + (n * 7919) %% " + str(SENDERS))}, 'user',
  'Line ' || n || ' of the evening', 'visible'
FROM generate_series(%s::bigint, %s::bigint) n;
INSERT INTO engagement_notification
  (id, recipient_id, happening_id, group_key, title, body, deep_link, is_in_app, seen_at, read_at)
SELECT uuidv7(interval '1 day' * {DAYS} * random()), {PERSON.format(n="1 + (n * 7919) %% " + str(SENDERS))}, uuidv7(),
  'live', 'On air', 'Evening ' || n, '', true, now(), CASE WHEN n %% 20 > 0 THEN now() END
FROM generate_series(%s::bigint, %s::bigint) n;
SET session_replication_role = origin;
"""

SEND = """
SELECT * FROM engagement_chat_refusals(ARRAY[%(id)s]::uuid[], ARRAY[%(room)s]::uuid[], ARRAY[NULL]::uuid[],
  ARRAY[%(sender)s]::uuid[], ARRAY['user'], ARRAY[%(body)s], ARRAY[NULL]::uuid[])
"""
INSERT = """
INSERT INTO engagement_chatmessage (id, room_id, performer_id, sender_id, kind, body, status)
VALUES (%(id)s, %(room)s, %(performer)s, %(sender)s, 'user', %(body)s, 'visible')
"""
MANY = f"""
INSERT INTO engagement_chatmessage (id, room_id, performer_id, sender_id, kind, body, status)
SELECT uuidv7(), {ROOM.format(n="1 + n % " + str(ROOMS))}, {PERSON.format(n="1 + n % " + str(ROOMS))},
  {PERSON.format(n="1 + (n * 104729) % " + str(SENDERS))}, 'user', 'Line ' || n || ' of a batch', 'visible'
FROM generate_series(1, {BATCH}) n
"""
BACKLOG = """
SELECT id, sender_id, kind, body, reply_to_id, status FROM engagement_chatmessage
WHERE room_id = %s AND status = 'visible' ORDER BY id DESC LIMIT 50
"""
WRITTEN = """
SELECT id, room_id, body, status FROM engagement_chatmessage WHERE sender_id = %s ORDER BY id DESC LIMIT 50
"""
FEED = """
SELECT s.id, s.performer_id, s.title FROM streams_stream s
JOIN engagement_follow f ON f.performer_id = s.performer_id
WHERE s.status = 'live' AND s.visibility = 'public' AND f.user_id = %s AND f.ended_at IS NULL
ORDER BY s.id DESC LIMIT 50
"""
BADGE = """
SELECT id FROM engagement_notification
WHERE recipient_id = %s AND is_in_app AND read_at IS NULL AND archived_at IS NULL
  AND (expires_at IS NULL OR expires_at > statement_timestamp())
ORDER BY id LIMIT 100
"""


class Bench:
    """One throw-away database, and what is measured in it."""

    def __init__(self, url: str, filling: str, rounds: int) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        # What lies in the past is filled in as superuser, who alone can leave out triggers.
        self.filling = psycopg.connect(filling, autocommit=True)
        self.rounds = rounds
        self.filling.execute(f"SET search_path = {SEARCH_PATH}")
        self.filling.execute(SET_UP)  # type: ignore[call-overload]
        people = self.connection.execute("SELECT id FROM accounts_user ORDER BY id").fetchall()
        self.people = [row[0] for row in people]
        self.rooms = self.connection.execute(
            "SELECT id, performer_id FROM engagement_chatroom ORDER BY id"
        ).fetchall()

    def grow(self, start: int, end: int) -> None:
        """Messages from number `start` to `end`, without triggers: they are of the past and cost nothing measured."""
        for first in range(start, end, 100_000):
            last = min(first + 100_000, end) - 1
            for statement in GROW.split(";"):
                if statement.strip():
                    self.filling.execute(statement, [first, last] if "%s" in statement else None)  # type: ignore[call-overload]
        self.filling.execute("VACUUM (ANALYZE) engagement_chatmessage, engagement_notification")

    def median(self, act: Callable[[int], Any], rounds: int) -> float:
        """Milliseconds of the median of so many rounds, after one that warms up; each is rolled back."""
        times = []
        for turn in range(rounds + 1):
            with self.connection.transaction(force_rollback=True):
                start = act(turn)
                if turn:
                    times.append(time.perf_counter() - start)
        return statistics.median(times) * 1000

    def act_as(self, role: str, person: Any) -> float:
        """Take the role for the transaction; the clock starts afterwards."""
        self.connection.execute(f"SET LOCAL ROLE {role}")  # type: ignore[call-overload]
        self.connection.execute("SELECT set_config('app.user_id', %s, true)", [str(person)])
        return time.perf_counter()

    def send(self, turn: int) -> float:
        """One message, as `chat_message_send` writes it: asked, then inserted."""
        room, performer = self.rooms[turn % len(self.rooms)]
        sender = self.people[(turn * 31 + 500) % len(self.people)]
        start = self.act_as("vbl_viewer", sender)
        (key,) = self.connection.execute("SELECT uuidv7()").fetchone() or (None,)
        values = {"id": key, "room": room, "performer": performer, "sender": sender, "body": "Good evening"}
        self.connection.execute(SEND, values)
        self.connection.execute(INSERT, values)
        return start

    def many(self, turn: int) -> float:
        """A batch of a thousand by one statement."""
        start = self.act_as("vbl_worker", "")
        self.connection.execute(MANY)  # type: ignore[call-overload]
        return start

    def backlog(self, turn: int) -> float:
        """The last fifty messages of a room, as a viewer."""
        start = self.act_as("vbl_viewer", self.people[turn])
        self.connection.execute(BACKLOG, [self.rooms[turn % len(self.rooms)][0]]).fetchall()
        return start

    def written(self, turn: int) -> float:
        """The last fifty messages of a person, as a moderator."""
        start = self.act_as("vbl_moderator", self.people[0])
        self.connection.execute(WRITTEN, [self.people[turn]]).fetchall()
        return start

    def feed(self, turn: int) -> float:
        """Who of those that a viewer follows is on air."""
        start = self.act_as("vbl_worker", "")
        self.connection.execute(FEED, [self.people[turn]]).fetchall()
        return start

    def badge(self, turn: int) -> float:
        """What the badge of a person counts, up to a hundred."""
        start = self.act_as("vbl_worker", "")
        self.connection.execute(BADGE, [self.people[turn]]).fetchall()
        return start

    def measure(self) -> dict[str, float]:
        """Milliseconds of each question at the present size."""
        return {
            "single send": self.median(self.send, self.rounds),
            "batch of 1,000": self.median(self.many, max(self.rounds // 10, 5)),
            "backlog of a room": self.median(self.backlog, self.rounds),
            "recent messages of a person": self.median(self.written, self.rounds),
            "followed and live": self.median(self.feed, self.rounds),
            "unread badge": self.median(self.badge, self.rounds),
        }


def main() -> None:
    """Make a database, fill it step by step, and measure at each."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of messages")
    arguments.add_argument("--rounds", type=int, default=200, help="of each question at each size")
    chosen = arguments.parse_args()

    from tests.database import databases

    with databases() as made:
        name = f"{made.run}_bench"
        made.clone(name)
        bench = Bench(made.url(name), make_conninfo(made.superuser, dbname=name), chosen.rounds)
        print(f"processors {os.cpu_count()}, load before {os.getloadavg()[0]:.1f}\n", flush=True)
        found: dict[int, dict[str, float]] = {}
        before = 0
        for size in sorted(chosen.sizes):
            bench.grow(before, size)
            found[size], before = bench.measure(), size
        bench.connection.close()
        bench.filling.close()
    first = found[min(found)]
    print(f"| What | {' | '.join(f'{size:,}' for size in found)} | last ÷ first |")
    print(f"|{' --- |' * (len(found) + 2)}")
    for what in first:
        cells = [f"{measured[what]:.2f} ms" for measured in found.values()]
        print(f"| {what} | {' | '.join(cells)} | {found[max(found)][what] / first[what]:.2f} |")


if __name__ == "__main__":
    main()
