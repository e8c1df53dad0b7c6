from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

ORIGIN = "timestamptz '2000-01-01 00:00:00+00'"


def minute_of(instant):
    """The minute in which the instant lies."""
    return f"date_bin('1 minute', {instant}, {ORIGIN})"


def minute_from(instant):
    """The first minute whose first instant is not before this one."""
    return minute_of(f"{instant} + interval '1 minute' - interval '1 microsecond'")


ID_FLOOR = """
SELECT (lpad(to_hex(floor(extract(epoch FROM instant) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
"""

# Whoever watches with two devices, or again and again, is one viewer whose times are one union. Plays are of one day
# (UTC), so those of the day suffice; one that ends or begins where the hour does is read too, since its union with
# another may cross. A piece that ends at the end of a minute left within it.
STREAM_MINUTES = f"""
BEGIN
  WITH b AS MATERIALIZED (
    SELECT u.stream_id, s.performer_id, u.hour, u.hour + interval '1 hour' AS till,
      analytics_id_floor(date_trunc('day', u.hour, 'UTC')) AS low,
      analytics_id_floor(least(u.hour + interval '1 hour' + interval '1 millisecond',
        date_trunc('day', u.hour, 'UTC') + interval '1 day')) AS high,
      analytics_id_floor(u.hour) AS first, analytics_id_floor(u.hour + interval '1 hour') AS last
    FROM (SELECT DISTINCT x.stream_id, x.hour FROM unnest(stream_ids, hours) AS x (stream_id, hour)) u
    JOIN streams_stream s ON s.id = u.stream_id
  ), watched AS MATERIALIZED (
    SELECT b.stream_id, b.hour, b.till, v.stream_key, range_agg(v.watched) AS times
    FROM b CROSS JOIN LATERAL (
      SELECT p.stream_key, p.watched FROM analytics_viewersession p
      WHERE p.stream_id = b.stream_id AND p.id >= b.low AND p.id < b.high AND p.ended_at >= b.hour
      OFFSET 0
    ) v
    GROUP BY b.stream_id, b.hour, b.till, v.stream_key
  ), pieces AS MATERIALIZED (
    SELECT w.stream_id, w.hour, w.till AS hour_end, lower(r) AS since, upper(r) AS till,
      {minute_from("lower(r)")} AS first, {minute_from("upper(r)")} AS after
    FROM watched w CROSS JOIN LATERAL unnest(w.times) AS r
    WHERE upper(r) > w.hour AND lower(r) < w.till
  ), marks AS (
    SELECT p.stream_id, p.hour, greatest(p.first, p.hour) AS minute, 1 AS step, 0 AS joins, 0 AS leaves, 0 AS chat,
      0 AS tips, 0::bigint AS tokens
    FROM pieces p WHERE p.first < p.hour_end
    UNION ALL
    SELECT p.stream_id, p.hour, p.after, -1, 0, 0, 0, 0, 0 FROM pieces p WHERE p.after < p.hour_end
    UNION ALL
    SELECT p.stream_id, p.hour, {minute_of("p.since")}, 0, 1, 0, 0, 0, 0 FROM pieces p WHERE p.since >= p.hour
    UNION ALL
    SELECT p.stream_id, p.hour, p.after - interval '1 minute', 0, 0, 1, 0, 0, 0
    FROM pieces p WHERE p.after <= p.hour_end
    UNION ALL
    SELECT b.stream_id, b.hour, c.minute, 0, 0, 0, c.lines, 0, 0
    FROM b CROSS JOIN LATERAL (
      SELECT {minute_of("uuid_extract_timestamp(m.id)")} AS minute, count(*)::integer AS lines
      FROM engagement_chatmessage m
      WHERE m.room_id = (SELECT r.id FROM engagement_chatroom r WHERE r.stream_id = b.stream_id)
        AND m.id >= b.first AND m.id < b.last AND m.kind <> 'system'
      GROUP BY 1
      OFFSET 0
    ) c
    UNION ALL
    SELECT b.stream_id, b.hour, t.minute, 0, 0, 0, 0, t.tips, t.tokens
    FROM b CROSS JOIN LATERAL (
      SELECT {minute_of("uuid_extract_timestamp(s.id)")} AS minute, count(*)::integer AS tips,
        sum(s.tokens)::bigint AS tokens
      FROM billing_tokenspend s
      WHERE s.stream_id = b.stream_id AND s.id >= b.first AND s.id < b.last AND s.kind IN ('tip', 'gift')
      GROUP BY 1
      OFFSET 0
    ) t
  ), summed AS (
    SELECT m.stream_id, m.hour, m.minute, sum(m.step) AS step, sum(m.joins) AS joins, sum(m.leaves) AS leaves,
      sum(m.chat) AS chat, sum(m.tips) AS tips, sum(m.tokens) AS tokens
    FROM marks m GROUP BY m.stream_id, m.hour, m.minute
  ), computed AS MATERIALIZED (
    SELECT * FROM (
      SELECT b.stream_id, b.performer_id, g.minute,
        (sum(coalesce(s.step, 0)) OVER (PARTITION BY b.stream_id, b.hour ORDER BY g.minute))::bigint AS concurrent,
        coalesce(s.joins, 0)::bigint AS joins, coalesce(s.leaves, 0)::bigint AS leaves,
        coalesce(s.chat, 0)::bigint AS chat, coalesce(s.tips, 0)::bigint AS tips,
        coalesce(s.tokens, 0)::bigint AS tokens
      FROM b CROSS JOIN LATERAL generate_series(b.hour, b.hour + interval '59 minutes', interval '1 minute') AS g (minute)
      LEFT JOIN summed s ON s.stream_id = b.stream_id AND s.hour = b.hour AND s.minute = g.minute
    ) f
    WHERE f.concurrent + f.joins + f.leaves + f.chat + f.tips > 0
  ), gone AS (
    DELETE FROM analytics_streamminute t USING b
    WHERE t.stream_id = b.stream_id AND t.minute >= b.hour AND t.minute < b.till
      AND NOT EXISTS (SELECT FROM computed c WHERE c.stream_id = t.stream_id AND c.minute = t.minute)
  )
  INSERT INTO analytics_streamminute AS t (id, stream_id, performer_id, minute, concurrent, joins, leaves,
    chat_messages, tips, tip_tokens)
  SELECT uuidv7(), c.stream_id, c.performer_id, c.minute, c.concurrent, c.joins, c.leaves, c.chat, c.tips, c.tokens
  FROM computed c ORDER BY c.stream_id, c.minute
  ON CONFLICT (stream_id, minute) DO UPDATE SET concurrent = excluded.concurrent, joins = excluded.joins,
    leaves = excluded.leaves, chat_messages = excluded.chat_messages, tips = excluded.tips,
    tip_tokens = excluded.tip_tokens
  WHERE (t.concurrent, t.joins, t.leaves, t.chat_messages, t.tips, t.tip_tokens)
    <> (excluded.concurrent, excluded.joins, excluded.leaves, excluded.chat_messages, excluded.tips,
      excluded.tip_tokens);

  RETURN QUERY
    SELECT DISTINCT 'performer_day'::text, s.performer_id, date_trunc('day', u.hour, 'UTC')
    FROM unnest(stream_ids, hours) AS u (stream_id, hour) JOIN streams_stream s ON s.id = u.stream_id;
END
"""

# Follows are found by the instants of their ids, an hour more on both sides: those are of another clock.
# The last minute counted stands for the end of a stream that goes on: the clock is no source of figures.
# What belongs to one bucket is looked up beside it; what is joined is materialized, or every bucket would compute all.
STREAM_PERFORMANCES = f"""
BEGIN
  WITH b AS MATERIALIZED (
    SELECT s.id AS stream_id, s.performer_id, s.started_at, s.ended_at,
      coalesce(s.ended_at, (
        SELECT max(m.minute) + interval '1 minute' FROM analytics_streamminute m WHERE m.stream_id = s.id
      )) AS till,
      analytics_id_floor(s.started_at - interval '1 day') AS low,
      analytics_id_floor(coalesce(s.ended_at, statement_timestamp()) + interval '1 day') AS high
    FROM streams_stream s WHERE s.id = ANY (stream_ids) AND s.started_at IS NOT NULL
  ), plays AS MATERIALIZED (
    SELECT b.stream_id, v.stream_key, range_agg(v.watched) AS times, count(*) AS sessions,
      sum(v.stalled_seconds) AS stalled, sum(v.errors) AS errors
    FROM b CROSS JOIN LATERAL (
      SELECT p.stream_key, p.watched, p.stalled_seconds, p.errors FROM analytics_viewersession p
      WHERE p.stream_id = b.stream_id AND p.id >= b.low AND p.id < b.high AND NOT isempty(p.watched)
      OFFSET 0
    ) v
    GROUP BY b.stream_id, v.stream_key
  ), watched AS MATERIALIZED (
    SELECT p.stream_id, count(*) AS viewers, sum(p.sessions) AS sessions, sum(p.stalled) AS stalled,
      sum(p.errors) AS errors, sum((
        SELECT sum(extract(epoch FROM upper(r) - lower(r))) FROM unnest(p.times) AS r
      )) AS seconds
    FROM plays p GROUP BY p.stream_id
  ), computed AS MATERIALIZED (
    SELECT b.stream_id, b.performer_id, b.started_at, b.ended_at,
      coalesce(greatest(0, extract(epoch FROM {minute_from("b.till")} - {minute_from("b.started_at")}) / 60), 0)::bigint
        AS minutes_on_air,
      coalesce(w.viewers, 0) AS unique_viewers, coalesce(m.peak, 0) AS peak_viewers,
      CASE WHEN m.peak > 0 THEN m.peak_at END AS peak_at, coalesce(m.viewer_minutes, 0)::bigint AS viewer_minutes,
      floor(coalesce(w.seconds, 0))::bigint AS watch_seconds, coalesce(w.sessions, 0)::bigint AS sessions,
      floor(coalesce(w.stalled, 0))::bigint AS stalled_seconds, coalesce(w.errors, 0)::bigint AS errors,
      coalesce(m.chat, 0)::bigint AS chat_messages, f.begun AS new_followers, coalesce(m.tips, 0)::bigint AS tips,
      coalesce(m.tip_tokens, 0)::bigint AS tip_tokens, coalesce(s.tokens, 0)::bigint AS tokens_spent,
      coalesce(s.reversed, 0)::bigint AS tokens_reversed
    FROM b LEFT JOIN watched w USING (stream_id)
    CROSS JOIN LATERAL (
      SELECT max(m.concurrent) AS peak, sum(m.concurrent) AS viewer_minutes, sum(m.chat_messages) AS chat,
        sum(m.tips) AS tips, sum(m.tip_tokens) AS tip_tokens,
        (array_agg(m.minute ORDER BY m.concurrent DESC, m.minute))[1] AS peak_at
      FROM analytics_streamminute m WHERE m.stream_id = b.stream_id
    ) m CROSS JOIN LATERAL (
      SELECT sum(s.tokens) AS tokens, sum(s.tokens) FILTER (
        WHERE EXISTS (SELECT FROM billing_spendreversal r WHERE r.spend_id = s.id)) AS reversed
      FROM billing_tokenspend s WHERE s.stream_id = b.stream_id
    ) s CROSS JOIN LATERAL (
      SELECT count(*) AS begun FROM engagement_follow f
      WHERE f.performer_id = b.performer_id AND f.id >= analytics_id_floor(b.started_at - interval '1 hour')
        AND f.id < analytics_id_floor(b.till + interval '1 hour')
        AND f.created_at >= b.started_at AND f.created_at < b.till
    ) f
  ), gone AS (
    DELETE FROM analytics_streamperformance t
    WHERE t.stream_id = ANY (stream_ids) AND NOT EXISTS (SELECT FROM b WHERE b.stream_id = t.stream_id)
  )
  INSERT INTO analytics_streamperformance (id, stream_id, performer_id, started_at, ended_at, minutes_on_air,
    unique_viewers, peak_viewers, peak_at, viewer_minutes, watch_seconds, sessions, stalled_seconds, errors,
    chat_messages, new_followers, tips, tip_tokens, tokens_spent, tokens_reversed)
  SELECT uuidv7(), c.* FROM computed c ORDER BY c.stream_id
  ON CONFLICT (stream_id) DO UPDATE SET (started_at, ended_at, minutes_on_air, unique_viewers, peak_viewers, peak_at,
    viewer_minutes, watch_seconds, sessions, stalled_seconds, errors, chat_messages, new_followers, tips, tip_tokens,
    tokens_spent, tokens_reversed) = (excluded.started_at, excluded.ended_at, excluded.minutes_on_air,
    excluded.unique_viewers, excluded.peak_viewers, excluded.peak_at, excluded.viewer_minutes, excluded.watch_seconds,
    excluded.sessions, excluded.stalled_seconds, excluded.errors, excluded.chat_messages, excluded.new_followers,
    excluded.tips, excluded.tip_tokens, excluded.tokens_spent, excluded.tokens_reversed);

  RETURN QUERY
    SELECT DISTINCT 'category_day'::text, v.category_id, u.day
    FROM unnest(stream_ids, days) AS u (stream_id, day)
    JOIN streams_streammetadataversion v ON v.stream_id = u.stream_id
      AND v.valid && tstzrange(u.day, u.day + interval '1 day')
    WHERE v.category_id IS NOT NULL;
END
"""


class Migration(migrations.Migration):
    """How the minutes of streams, and what streams came to, are computed from plays, chat, spends and follows."""

    dependencies = [("analytics", "0002_playback_functions")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "analytics_id_floor",
            "instant timestamp with time zone",
            "uuid",
            ID_FLOOR,
            language="sql",
            volatility="immutable",
            strict=True,
            comment="The smallest UUIDv7 of the millisecond in which the instant lies.",
        ),
        CreateFunction(
            "analytics_stream_minutes_compute",
            "stream_ids uuid[], hours timestamp with time zone[]",
            "TABLE (rollup text, subject uuid, start timestamp with time zone)",
            STREAM_MINUTES,
            definer=True,
            settings=(("plan_cache_mode", "force_custom_plan"), ("jit", "off")),
            comment=(
                "Replaces the minutes of these streams in these hours, and returns what that touches. For the worker, "
                "in a run of roll-ups."
            ),
        ),
        CreateFunction(
            "analytics_stream_performances_compute",
            "stream_ids uuid[], days timestamp with time zone[]",
            "TABLE (rollup text, subject uuid, start timestamp with time zone)",
            STREAM_PERFORMANCES,
            definer=True,
            settings=(("plan_cache_mode", "force_custom_plan"), ("jit", "off")),
            comment=(
                "Replaces what these streams came to, since something of these days changed, and returns what that "
                "touches. For the worker, in a run of roll-ups."
            ),
        ),
    ]
