"""A month of chat that leaves: the partition detached and dropped, or its rows deleted in batches and vacuumed.

Two months get the same rows. Deleting is measured at its best: as superuser, without triggers, rights and holds, by the
keys in order, a batch in a transaction. Detaching is measured as it runs, its questions about legal holds included.
"""

from datetime import UTC, datetime

import psycopg

from benchmarks.life_cycle_place import Cost, Place, cost, table

ROOMS, SENDERS, BATCH = 200, 20_000, 1_000
MONTHS = (
    datetime(2020, 1, 1, tzinfo=UTC),
    datetime(2020, 2, 1, tzinfo=UTC),
    datetime(2020, 3, 1, tzinfo=UTC),
)

FILL = """
INSERT INTO engagement_chatmessage (id, room_id, performer_id, sender_id, kind, body, status)
SELECT uuidv7(%(start)s::timestamptz + (n * 28.0 * 86400 / %(size)s) * interval '1 second' - clock_timestamp()),
  md5('room' || n %% %(rooms)s)::uuid, md5('star' || n %% %(rooms)s)::uuid, md5('fan' || n * 7919 %% %(senders)s)::uuid,
  'user', 'Line ' || n || ' of the evening', 'visible'
FROM generate_series(1::bigint, %(size)s) n
"""
DELETE = """
WITH gone AS (
  SELECT id FROM engagement_chatmessage WHERE id > %(after)s AND id < %(before)s ORDER BY id LIMIT %(batch)s
), deleted AS (
  DELETE FROM engagement_chatmessage m USING gone g WHERE m.id = g.id RETURNING m.id
)
SELECT max(id::text)::uuid FROM deleted
"""


def measure(place: Place) -> None:
    """Both ways at each size, and how many times the second costs the first."""
    found = {size: _both(place, size) for size in place.sizes}
    rows = []
    for size, (detached, dropped, deleted, vacuumed) in found.items():
        ours, theirs = detached + dropped, deleted + vacuumed
        rows.append(
            (
                f"{size:,}",
                *map(str, (detached, dropped, deleted, vacuumed)),
                f"{theirs.seconds / ours.seconds:,.0f}",
                f"{theirs.wal / max(ours.wal, 1):,.0f}",
            )
        )
    heads = ("Rows of the month", "detach", "drop", "delete in batches of 1,000", "vacuum")
    table((*heads, "time, deleted ÷ dropped", "log, deleted ÷ dropped"), rows)


def _both(place: Place, size: int) -> tuple[Cost, Cost, Cost, Cost]:
    """Detaching, dropping, deleting and vacuuming a month of so many rows."""
    from django.db import connection

    from core.db.partitions.detach import detach_partition
    from core.db.partitions.manager import ensure_partitions
    from engagement.models import ChatMessage

    def drop(name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP TABLE archive."{name}"')

    leaving, staying = ensure_partitions(ChatMessage, MONTHS[0], MONTHS[2])
    with place.filling() as filling:
        for start in MONTHS[:2]:
            filling.execute(FILL, {"start": start, "size": size, "rooms": ROOMS, "senders": SENDERS})
        filling.execute("VACUUM (ANALYZE) engagement_chatmessage")
        # Both begin right after a checkpoint: what the first change of a page writes is part of its cost.
        filling.execute("CHECKPOINT")
        detached = cost(filling, lambda: detach_partition(ChatMessage, leaving))
        dropped = cost(filling, lambda: drop(leaving))
        filling.execute("CHECKPOINT")
        deleted = cost(filling, lambda: _delete(filling))
        vacuumed = cost(filling, lambda: filling.execute(f"VACUUM {staying}"))  # type: ignore[call-overload]
        left = filling.execute(f"SELECT count(*) FROM {staying}").fetchone()  # type: ignore[call-overload]
        if left != (0,):
            raise RuntimeError(f"{left} rows of {staying} were not deleted.")
    detach_partition(ChatMessage, staying)
    drop(staying)
    return detached, dropped, deleted, vacuumed


def _delete(filling: psycopg.Connection) -> None:
    from core.models.identity import uuid7_floor

    after, before = uuid7_floor(MONTHS[1]), uuid7_floor(MONTHS[2])
    while after is not None:
        row = filling.execute(DELETE, {"after": after, "before": before, "batch": BATCH}).fetchone()
        after = row[0] if row else None
