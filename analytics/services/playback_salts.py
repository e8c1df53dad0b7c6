"""Keys of viewers: pseudonyms under salts that live as long as late events are taken, and are then destroyed."""

import datetime as dt
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction

from analytics.models import RotatingSalt
from analytics.models.rotating_salt import SALT_BYTES
from analytics.playback_choices import SaltScope
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7_floor

SALT_LIFE = dt.timedelta(hours=48)
"""How long after the end of its day or stream a salt lives, as `analytics.playback_triggers` says it."""

AT_ONCE = 10_000
"""Links that one statement destroys."""

DUE_SALTS = """
FROM analytics_rotatingsalt r
WHERE r.scope = 'day' AND r.day < %(day)s
  OR r.scope = 'stream' AND EXISTS (SELECT FROM streams_stream s WHERE s.id = r.stream_id AND s.ended_at <= %(ended)s)
"""
# A link goes when neither of its keys can be found any more: its day is over for long, and so is its stream.
DUE_LINKS = """
DELETE FROM analytics_playbackviewer v WHERE v.id IN (
  SELECT l.id FROM analytics_playbackviewer l
  WHERE l.id < %(floor)s
    AND NOT EXISTS (SELECT FROM analytics_rotatingsalt r WHERE r.scope = 'stream' AND r.stream_id = l.stream_id)
  ORDER BY l.id LIMIT %(most)s
)
"""


@dataclass(frozen=True)
class Keys:
    """The two names under which a viewer is counted: within a day, and within a stream."""

    day: UUID
    stream: UUID


@dataclass(frozen=True)
class Salts:
    """Salts by day and by stream, in memory while events are taken."""

    days: Mapping[dt.date, bytes]
    streams: Mapping[UUID, bytes]
    _known: dict[tuple[dt.date, UUID, UUID], Keys] = field(default_factory=dict)

    def keys(self, day: dt.date, stream_id: UUID, viewer_id: UUID) -> Keys:
        """The keys of a viewer: HMAC-SHA-256 under the salts, the first 16 bytes of it."""
        asked = (day, stream_id, viewer_id)
        if asked not in self._known:
            self._known[asked] = Keys(
                _key(self.days[day], viewer_id), _key(self.streams[stream_id], viewer_id)
            )
        return self._known[asked]


def _key(salt: bytes, viewer_id: UUID) -> UUID:
    return UUID(bytes=hmac.new(salt, viewer_id.bytes, sha256).digest()[:16])


def salts_derived(*, secret: bytes, days: Iterable[dt.date], stream_ids: Iterable[UUID]) -> Salts:
    """Salts that follow from a secret, for imports of what is long past; kept nowhere."""

    def salt(*parts: str) -> bytes:
        return hmac.new(secret, ":".join(parts).encode(), sha256).digest()

    return Salts(
        {day: salt("day", day.isoformat()) for day in days},
        {stream_id: salt("stream", str(stream_id)) for stream_id in stream_ids},
    )


@transaction.atomic
def salts_take(*, days: Iterable[dt.date], stream_ids: Iterable[UUID]) -> Salts:
    """The salts of these days and streams, made where there is none yet. As the worker, within the ingestion.

    Locks: nothing that exists; two that make the same one get the same one. Raises: IntegrityError for a day or stream
    whose salt was due to be destroyed.
    """
    days, stream_ids = sorted(set(days)), sorted(set(stream_ids))
    salts = _salts_of(days, stream_ids)
    missing = [
        RotatingSalt(scope=SaltScope.DAY, day=day, salt=secrets.token_bytes(SALT_BYTES))
        for day in days
        if day not in salts.days
    ] + [
        RotatingSalt(scope=SaltScope.STREAM, stream_id=stream_id, salt=secrets.token_bytes(SALT_BYTES))
        for stream_id in stream_ids
        if stream_id not in salts.streams
    ]
    if missing:
        RotatingSalt.objects.bulk_create(missing, ignore_conflicts=True)
        salts = _salts_of(days, stream_ids)
    return salts


def _salts_of(days: list[dt.date], stream_ids: list[UUID]) -> Salts:
    of_days = RotatingSalt.objects.filter(scope=SaltScope.DAY, day__in=days).values_list("day", "salt")
    of_streams = RotatingSalt.objects.filter(scope=SaltScope.STREAM, stream_id__in=stream_ids)
    return Salts(
        {day: bytes(salt) for day, salt in of_days if day is not None},
        {stream_id: bytes(salt) for stream_id, salt in of_streams.values_list("stream_id", "salt")},
    )


def _last_day(now: dt.datetime) -> dt.date:
    return (now - SALT_LIFE).astimezone(dt.UTC).date()


def playback_salts_due(*, now: dt.datetime) -> int:
    """How many salts are due to be destroyed; changes nothing. Runs as the worker."""
    with acting(Role.WORKER), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {DUE_SALTS}", {"day": _last_day(now), "ended": now - SALT_LIFE})
        return int(cursor.fetchone()[0])


def playback_salts_destroy(*, now: dt.datetime) -> dict[str, int]:
    """Destroy salts whose day or stream is over for 48 hours, then the links that lead to their keys; how many of each.

    Runs as the worker, hourly; may be run twice. Locks: what it destroys. Links go in batches, each a transaction.
    """
    last_day = _last_day(now)
    with acting(Role.WORKER), connection.cursor() as cursor:
        cursor.execute(f"DELETE {DUE_SALTS}", {"day": last_day, "ended": now - SALT_LIFE})
        counts = {"salts": cursor.rowcount, "links": 0}
    floor = uuid7_floor(dt.datetime.combine(last_day, dt.time(), dt.UTC))
    while True:
        with acting(Role.WORKER), connection.cursor() as cursor:
            cursor.execute(DUE_LINKS, {"floor": floor, "most": AT_ONCE})
            counts["links"] += cursor.rowcount
            if cursor.rowcount < AT_ONCE:
                return counts
