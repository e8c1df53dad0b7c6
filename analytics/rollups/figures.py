"""The roll-ups of streams, performers, categories and the platform: functions of the database compute their buckets.

Each reads what those before it wrote, and is touched by them:

    plays, chat, spends, streams → stream_minute (stream, hour)
    stream_minute, spends, reversals, follows → performer_day (performer, day)
    performer_day → stream_performance (stream, day: the day that changed; computed is the whole stream)
    stream_performance → category_day (category, day)
    performer_day → platform_day (day)
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection

from analytics.figure_rules import MINUTES_OF_A_DAY
from analytics.models import PerformerDay
from analytics.rollups.engine import NO_SUBJECT, Bucket, Grain, Rollup, Touch
from performers.services.metrics import Figures, metrics_store

MINUTES_REACH = dt.timedelta(days=89)
"""How long the sources of minutes are whole: chat is kept for 90 days."""

DAYS_REACH = dt.timedelta(days=390)
"""How long the sources of days are whole: plays and minutes are kept for 13 months."""

STREAMS_REACH = dt.timedelta(days=360)
"""As that of days, for streams that go on for up to a month."""


class FigureRollup(Rollup):
    """Buckets that a function of the database computes.

    `reach` says how long the sources are whole. What is older stays as it stands: computed anew, it would lose what
    retention took from its sources.
    """

    function: str
    reach: dt.timedelta
    standing_sql: str
    whole = False
    """Whether buckets have no subject."""

    def compute(self, buckets: Sequence[Bucket]) -> Iterable[Touch]:
        """Replace these buckets, by one call of the function."""
        subjects, starts = [bucket.subject for bucket in buckets], [bucket.start for bucket in buckets]
        with connection.cursor() as cursor:
            if self.whole:
                cursor.execute(f"SELECT {self.function}(%s::timestamptz[])", [starts])
            else:
                cursor.execute(
                    f"SELECT * FROM {self.function}(%s::uuid[], %s::timestamptz[])", [subjects, starts]
                )
            touches = [Touch(*row) for row in cursor.fetchall() if len(row) > 1]
        self.computed(buckets)
        return touches

    def computed(self, buckets: Sequence[Bucket]) -> None:
        """Called when the buckets are replaced, in the same transaction."""

    def earliest(self, now: dt.datetime) -> dt.datetime:
        """The first bucket whose sources are whole."""
        return self.grain.after(self.grain.floor(now - self.reach))

    def standing(
        self, since: dt.datetime, until: dt.datetime, subject: UUID | None = None
    ) -> Iterable[Bucket]:
        """Buckets with sources or rows in the range, by one query."""
        since = self.grain.floor(since)
        with connection.cursor() as cursor:
            cursor.execute(self.standing_sql, {"since": since, "until": until, "subject": subject})
            return [Bucket(row[0], row[1]) for row in cursor.fetchall()]


LOW, HIGH = "analytics_id_floor(%(since)s)", "analytics_id_floor(%(until)s)"
ONE = "(%(subject)s::uuid IS NULL OR {column} = %(subject)s)"
STREAM_HOURS = f"""
SELECT p.stream_id, date_trunc('hour', h.hour, 'UTC') AS start
FROM analytics_viewersession p CROSS JOIN LATERAL generate_series(
  date_trunc('hour', p.started_at, 'UTC'), p.ended_at, interval '1 hour') AS h (hour)
WHERE p.id >= analytics_id_floor(date_trunc('day', %(since)s::timestamptz, 'UTC')) AND p.id < {HIGH}
  AND h.hour >= %(since)s AND h.hour < %(until)s AND {ONE.format(column="p.stream_id")}
UNION
SELECT m.stream_id, date_trunc('hour', m.minute, 'UTC') FROM analytics_streamminute m
WHERE m.minute >= %(since)s AND m.minute < %(until)s AND {ONE.format(column="m.stream_id")}
UNION
SELECT r.stream_id, date_trunc('hour', uuid_extract_timestamp(m.id), 'UTC')
FROM engagement_chatmessage m JOIN engagement_chatroom r ON r.id = m.room_id
WHERE m.id >= {LOW} AND m.id < {HIGH} AND {ONE.format(column="r.stream_id")}
UNION
SELECT s.stream_id, date_trunc('hour', uuid_extract_timestamp(s.id), 'UTC') FROM billing_tokenspend s
WHERE s.id >= {LOW} AND s.id < {HIGH} AND s.stream_id IS NOT NULL AND {ONE.format(column="s.stream_id")}
UNION
SELECT s.id, h.hour FROM streams_stream s
CROSS JOIN LATERAL (
  VALUES (date_trunc('hour', s.started_at, 'UTC')), (date_trunc('hour', s.ended_at, 'UTC'))
) AS h (hour)
WHERE h.hour >= %(since)s AND h.hour < %(until)s AND {ONE.format(column="s.id")}
"""
STREAM_DAYS = """
SELECT s.id, d.day AS start
FROM streams_stream s CROSS JOIN LATERAL generate_series(
  greatest(date_trunc('day', s.started_at, 'UTC'), date_trunc('day', %(since)s::timestamptz, 'UTC')),
  least(coalesce(s.ended_at, %(until)s), %(until)s::timestamptz - interval '1 microsecond'),
  interval '1 day') AS d (day)
WHERE s.started_at < %(until)s AND (s.ended_at IS NULL OR s.ended_at >= %(since)s) AND {one}
"""
"""Every day of streams on air in the range; of one that goes on, up to the end of the range."""

PERFORMER_DAYS = f"""
SELECT d.performer_id, d.day::timestamp AT TIME ZONE 'UTC' AS start FROM analytics_performerday d
WHERE d.day >= (%(since)s::timestamptz AT TIME ZONE 'UTC')::date AND d.day < (%(until)s::timestamptz AT TIME ZONE 'UTC')
  AND {ONE.format(column="d.performer_id")}
UNION
SELECT p.performer_id, date_trunc('day', p.started_at, 'UTC') FROM analytics_viewersession p
WHERE p.id >= {LOW} AND p.id < {HIGH} AND {ONE.format(column="p.performer_id")}
UNION
SELECT m.performer_id, date_trunc('day', m.minute, 'UTC') FROM analytics_streamminute m
WHERE m.minute >= %(since)s AND m.minute < %(until)s AND {ONE.format(column="m.performer_id")}
UNION
SELECT s.performer_id, date_trunc('day', uuid_extract_timestamp(s.id), 'UTC') FROM billing_tokenspend s
WHERE s.id >= {LOW} AND s.id < {HIGH} AND {ONE.format(column="s.performer_id")}
UNION
SELECT s.performer_id, date_trunc('day', r.reversed_at, 'UTC')
FROM billing_spendreversal r JOIN billing_tokenspend s ON s.id = r.spend_id
WHERE r.id >= analytics_id_floor(%(since)s::timestamptz - interval '1 hour')
  AND r.reversed_at >= %(since)s AND r.reversed_at < %(until)s AND {ONE.format(column="s.performer_id")}
UNION
SELECT f.performer_id, date_trunc('day', uuid_extract_timestamp(f.id), 'UTC') FROM engagement_follow f
WHERE f.id >= {LOW} AND f.id < {HIGH} AND {ONE.format(column="f.performer_id")}
UNION
SELECT f.performer_id, date_trunc('day', f.ended_at, 'UTC') FROM engagement_follow f
WHERE f.ended_at >= %(since)s AND f.ended_at < %(until)s AND {ONE.format(column="f.performer_id")}
UNION
SELECT s.performer_id, d.start FROM streams_stream s JOIN ({STREAM_DAYS.format(one="true")}) d ON d.id = s.id
WHERE {ONE.format(column="s.performer_id")}
"""
CATEGORY_DAYS = f"""
SELECT d.category_id, d.day::timestamp AT TIME ZONE 'UTC' AS start FROM analytics_categoryday d
WHERE d.day >= (%(since)s::timestamptz AT TIME ZONE 'UTC')::date AND d.day < (%(until)s::timestamptz AT TIME ZONE 'UTC')
  AND {ONE.format(column="d.category_id")}
UNION
SELECT v.category_id, d.start FROM ({STREAM_DAYS.format(one="true")}) d
JOIN streams_streammetadataversion v ON v.stream_id = d.id AND v.valid && tstzrange(d.start, d.start + interval '1 day')
WHERE v.category_id IS NOT NULL AND {ONE.format(column="v.category_id")}
"""
PLATFORM_DAYS = f"""
SELECT '{NO_SUBJECT}'::uuid, d.day AS start
FROM generate_series(date_trunc('day', %(since)s::timestamptz, 'UTC'),
  least(%(until)s, statement_timestamp()) - interval '1 microsecond', interval '1 day') AS d (day)
"""


class StreamMinutes(FigureRollup):
    """A stream minute by minute."""

    name, grain, reach = "stream_minute", Grain.HOUR, MINUTES_REACH
    function, standing_sql = "analytics_stream_minutes_compute", STREAM_HOURS


class PerformerDays(FigureRollup):
    """Days of performers; from them follow the figures that the performers' pages show (`PerformerMetric`)."""

    name, grain, reach = "performer_day", Grain.DAY, DAYS_REACH
    function, standing_sql = "analytics_performer_days_compute", PERFORMER_DAYS

    def computed(self, buckets: Sequence[Bucket]) -> None:
        """Hand the days on to the read model of performers; a day that came to nothing is told as such."""
        figures = {(bucket.subject, bucket.start.date()): Figures() for bucket in buckets}
        rows = PerformerDay.objects.filter(
            performer_id__in={subject for subject, _ in figures}, day__in={day for _, day in figures}
        )
        for row in rows:
            if (row.performer_id, row.day) in figures:
                figures[row.performer_id, row.day] = metric_of(row)
        metrics_store(figures=figures)


def metric_of(row: PerformerDay) -> Figures:
    """What pages of performers show of a day: within the limits of a day, whatever overlapping streams add up to."""
    return Figures(
        followers=row.followers,
        minutes_live=min(row.minutes_on_air, MINUTES_OF_A_DAY),
        average_viewers=min(row.average_viewers, row.peak_viewers),
        peak_viewers=row.peak_viewers,
        earned_tokens=row.tokens_spent - row.tokens_reversed,
    )


class StreamPerformances(FigureRollup):
    """Whole streams, by the day that changed: computed are all its days, touched is what counts this one."""

    name, grain, reach = "stream_performance", Grain.DAY, STREAMS_REACH
    function, standing_sql = (
        "analytics_stream_performances_compute",
        STREAM_DAYS.format(one=ONE.format(column="s.id")),
    )


class CategoryDays(FigureRollup):
    """Days of categories."""

    name, grain, reach = "category_day", Grain.DAY, DAYS_REACH
    function, standing_sql = "analytics_category_days_compute", CATEGORY_DAYS


class PlatformDays(FigureRollup):
    """Days of the platform."""

    name, grain, reach, whole = "platform_day", Grain.DAY, DAYS_REACH, True
    function, standing_sql = "analytics_platform_days_compute", PLATFORM_DAYS
