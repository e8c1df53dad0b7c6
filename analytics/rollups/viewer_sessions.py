"""Plays, computed from their events: what was watched, by proof alone.

A bucket is one play on its day. Events count in the order of the player's own clock, whenever they came in. An event
proves that it was watched since the event before, if that is at most 90 seconds earlier and was no stop; otherwise
there is a gap. So a lost heartbeat costs a gap, a late one closes it, and a wrong wall clock changes nothing.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from analytics.rollups.engine import Bucket, Grain, Rollup, Touch
from core.models.identity import MILLISECOND, uuid7_floor, uuid7_instant

NAME = "viewer_session"
PROOF_SECONDS = 90
"""Between two events at most so far apart it was watched: three heartbeats of half a minute."""

RAW_KEPT = dt.timedelta(days=89)
"""Events are kept 90 days; a day of margin, since partitions leave whole."""

GONE = """
DELETE FROM analytics_viewersession s WHERE s.id = ANY (%(plays)s::uuid[])
RETURNING s.stream_id, s.performer_id, s.id, s.started_at, s.ended_at
"""

WRITTEN = f"""
WITH event AS (
  SELECT a.play, e.*, uuid_extract_timestamp(a.play) + e.offset_milliseconds * interval '1 millisecond' AS at
  FROM unnest(%(plays)s::uuid[], %(lows)s::uuid[], %(highs)s::uuid[]) a (play, low, high)
  CROSS JOIN LATERAL (
    SELECT * FROM analytics_playbackevent p WHERE p.id >= a.low AND p.id < a.high AND p.playback = a.play
    -- Without it the plan may be one hash join over every event there is.
    OFFSET 0
  ) e
), opening AS (
  -- A play is of the stream and viewer of its first event; of its start, if that came in.
  SELECT DISTINCT ON (e.play) e.* FROM event e ORDER BY e.play, e.sequence
), step AS (
  SELECT e.*, lag(e.at) OVER clock AS at_before, lag(e.kind) OVER clock AS kind_before
  FROM event e JOIN opening o ON o.play = e.play AND o.stream_id = e.stream_id AND o.stream_key = e.stream_key
  WINDOW clock AS (PARTITION BY e.play ORDER BY e.offset_milliseconds, e.sequence)
), summed AS (
  SELECT s.play, min(s.at) AS started_at, max(s.at) AS ended_at, count(*) AS events,
    coalesce(range_agg(tstzrange(s.at_before, s.at)) FILTER (
      WHERE s.at_before < s.at AND s.at <= s.at_before + interval '{PROOF_SECONDS} seconds'
        AND s.kind_before <> 'stop' AND s.kind <> 'start'
    ), '{{}}'::tstzmultirange) AS watched,
    sum(s.stalled_milliseconds) / 1000 AS stalled_seconds, sum(s.errors) AS errors,
    sum(s.dropped_frames) AS dropped_frames, round(avg(s.bitrate)) AS bitrate
  FROM step s GROUP BY s.play
)
INSERT INTO analytics_viewersession (
  id, stream_id, performer_id, day_key, stream_key, is_signed_in, started_at, ended_at, watched, watched_seconds,
  stalled_seconds, errors, dropped_frames, bitrate, events, country, language, device_class, referrer_class, age_band
)
SELECT s.play, o.stream_id, o.performer_id, o.day_key, o.stream_key, o.is_signed_in, s.started_at, s.ended_at,
  s.watched, (SELECT coalesce(floor(sum(extract(epoch FROM upper(r) - lower(r)))), 0) FROM unnest(s.watched) r),
  least(s.stalled_seconds, 2147483647), least(s.errors, 2147483647), least(s.dropped_frames, 2147483647), s.bitrate,
  s.events, o.country, o.language, o.device_class, o.referrer_class, o.age_band
FROM summed s JOIN opening o USING (play)
ORDER BY s.play
RETURNING stream_id, performer_id, id, started_at, ended_at
"""

TOLD = """
SELECT DISTINCT m.rollup, CASE WHEN m.is_platform THEN '00000000-0000-0000-0000-000000000000'::uuid ELSE t.subject END,
  date_trunc(m.grain, t.hour, 'UTC')
FROM (
  SELECT x.source, x.subject, hour
  FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[], %s::timestamptz[])
    s (stream, performer, play, since, until)
  -- An hour that ends where the play begins is touched too: two plays that meet there are one.
  CROSS JOIN LATERAL generate_series(
    date_trunc('hour', s.since - interval '1 microsecond', 'UTC'), s.until, '1 hour') hour
  CROSS JOIN LATERAL (
    VALUES ('sessions', s.stream), ('performer_sessions', s.performer), ('plays', s.play)
  ) x (source, subject)
) t JOIN analytics_rollupsource m ON m.source = t.source
"""

STANDING = """
SELECT DISTINCT e.playback FROM analytics_playbackevent e
WHERE e.id >= %(low)s AND e.id < %(high)s AND (%(stream)s::uuid IS NULL OR e.stream_id = %(stream)s)
UNION
SELECT s.id FROM analytics_viewersession s
WHERE s.id >= %(low)s AND s.id < %(high)s AND (%(stream)s::uuid IS NULL OR s.stream_id = %(stream)s)
"""


def bucket_of(play: UUID) -> Bucket:
    """The bucket of a play: the day in which it began, and ends at the latest. Raises ValueError for no UUIDv7."""
    return Bucket(play, Grain.DAY.floor(uuid7_instant(play)))


class ViewerSessions(Rollup):
    """One row per play. `subject_id` of a rebuild is a stream, whose plays are computed anew."""

    name = NAME
    grain = Grain.DAY

    def compute(self, buckets: Sequence[Bucket]) -> Iterable[Touch]:
        """Replace the sessions of these plays; touches what counts `sessions`, `performer_sessions` and `plays`."""
        plays = [bucket.subject for bucket in buckets]
        begun = [uuid7_instant(play) for play in plays]
        asked = {
            "plays": plays,
            "lows": [uuid7_floor(instant) for instant in begun],
            "highs": [uuid7_floor(instant + MILLISECOND) for instant in begun],
        }
        with connection.cursor() as cursor:
            cursor.execute(GONE, asked)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            cursor.execute(WRITTEN, asked)
            # Of what it was and of what it is: a play that lost an hour is missing from that hour.
            rows += cursor.fetchall()
            if not rows:
                return []
            cursor.execute(TOLD, [list(column) for column in zip(*rows, strict=True)])
            return [Touch(*row) for row in cursor.fetchall()]

    def standing(
        self, since: dt.datetime, until: dt.datetime, subject: UUID | None = None
    ) -> Iterable[Bucket]:
        """The plays that began in the range, by their events and by their rows; of one stream, or of all."""
        asked = {"low": uuid7_floor(since), "high": uuid7_floor(until), "stream": subject}
        with connection.cursor() as cursor:
            cursor.execute(STANDING, asked)
            return [bucket_of(play) for (play,) in cursor.fetchall()]

    def earliest(self, now: dt.datetime) -> dt.datetime:
        """Events are kept 90 days; sessions from before stay as they are."""
        return Grain.DAY.floor(now - RAW_KEPT) + dt.timedelta(days=1)
