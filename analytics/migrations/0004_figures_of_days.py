from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

ORIGIN = "timestamptz '2000-01-01 00:00:00+00'"
TOUCHES = "TABLE (rollup text, subject uuid, start timestamp with time zone)"
CUSTOM = (("plan_cache_mode", "force_custom_plan"), ("jit", "off"))


def minute_from(instant):
    """The first minute whose first instant is not before this one."""
    return f"date_bin('1 minute', {instant} + interval '1 minute' - interval '1 microsecond', {ORIGIN})"


def minutes_between(since, till):
    """How many minutes have their first instant in the half-open range."""
    return f"coalesce(greatest(0, extract(epoch FROM {minute_from(till)} - {minute_from(since)}) / 60), 0)::bigint"


def watching(keys):
    """Parts of a statement that bring `viewed` out of `plays`: what was watched by `keys`, each viewer once.

    `plays` has the keys and, by play: viewer, times (tstzmultirange), stalled, errors.
    """
    key = ", ".join(keys)

    def of(row):
        return ", ".join(f"{row}.{name}" for name in keys)

    return f"""
  viewers AS MATERIALIZED (
    SELECT {of("p")}, p.viewer, range_agg(p.times) AS times, count(*) AS sessions, sum(p.stalled) AS stalled,
      sum(p.errors) AS errors
    FROM plays p GROUP BY {of("p")}, p.viewer
  ), pieces AS MATERIALIZED (
    SELECT {of("v")}, {minute_from("lower(r)")} AS first, {minute_from("upper(r)")} AS after,
      extract(epoch FROM upper(r) - lower(r)) AS seconds
    FROM viewers v CROSS JOIN LATERAL unnest(v.times) AS r
  ), steps AS (
    SELECT {of("s")}, s.minute, sum(s.step) AS step FROM (
      SELECT {of("p")}, p.first AS minute, 1 AS step FROM pieces p
      UNION ALL SELECT {of("p")}, p.after, -1 FROM pieces p
    ) s GROUP BY {of("s")}, s.minute
  ), curve AS (
    SELECT {of("s")}, s.minute, sum(s.step) OVER (PARTITION BY {of("s")} ORDER BY s.minute) AS viewers FROM steps s
  ), peaks AS (
    SELECT {of("c")}, max(c.viewers) AS peak, (array_agg(c.minute ORDER BY c.viewers DESC, c.minute))[1] AS peak_at
    FROM curve c GROUP BY {of("c")}
  ), lengths AS (
    SELECT {of("p")}, floor(sum(p.seconds))::bigint AS seconds,
      (sum(extract(epoch FROM p.after - p.first)) / 60)::bigint AS viewer_minutes
    FROM pieces p GROUP BY {of("p")}
  ), counted AS (
    SELECT {of("v")}, count(*) AS viewers, sum(v.sessions)::bigint AS sessions, floor(sum(v.stalled))::bigint AS stalled,
      sum(v.errors)::bigint AS errors
    FROM viewers v GROUP BY {of("v")}
  ), viewed AS MATERIALIZED (
    SELECT {key}, c.viewers, coalesce(p.peak, 0)::bigint AS peak, CASE WHEN p.peak > 0 THEN p.peak_at END AS peak_at,
      l.viewer_minutes, l.seconds, c.sessions, c.stalled, c.errors
    FROM counted c JOIN peaks p USING ({key}) JOIN lengths l USING ({key})
  )"""


VIEWED = """coalesce(v.viewers, 0), coalesce(v.peak, 0), v.peak_at, coalesce(v.viewer_minutes, 0),
      coalesce(v.seconds, 0), coalesce(v.sessions, 0), coalesce(v.stalled, 0), coalesce(v.errors, 0)"""
VIEWED_COLUMNS = "unique_viewers, peak_viewers, peak_at, viewer_minutes, watch_seconds, sessions, stalled_seconds, errors"


def replacing(table, key, columns, subject):
    """The end of a statement: the rows of `computed` take the place of those of `b`; days of nothing have none."""
    every = f"{VIEWED_COLUMNS}, {columns}"
    named = [name.strip() for name in every.split(",")]
    figures = [name for name in named if name not in ("peak_at", "followers")]
    same = f"t.{subject} = b.{subject} AND t.day = b.day" if subject else "t.day = b.day"
    still = f"c.{subject} = t.{subject} AND c.day = t.day" if subject else "c.day = t.day"
    return f"""
  kept AS MATERIALIZED (
    SELECT c.* FROM computed c ({", ".join([*key, *named])}) WHERE {" + ".join(f"c.{name}" for name in figures)} > 0
  ), gone AS (
    DELETE FROM {table} t USING b WHERE {same} AND NOT EXISTS (SELECT FROM kept c WHERE {still})
  )
  INSERT INTO {table} AS t (id, {", ".join(key)}, {every})
  SELECT uuidv7(), c.* FROM kept c ORDER BY {", ".join(f"c.{name}" for name in key)}
  ON CONFLICT ({", ".join(key)}) DO UPDATE SET ({every}) = ({", ".join(f"excluded.{name}" for name in named)})
  WHERE ({", ".join(f"t.{name}" for name in named)}) IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in named)});
"""


# A stream that goes on is on air up to the last minute counted of the day, and on the day on which it began in any case:
# the clock is no source of figures. LEAST leaves nulls out, so that there is none here.
AIR = """
      SELECT greatest(s.started_at, b.at) AS since, least(e.till, b.till) AS till
      FROM (SELECT {row}.started_at) s CROSS JOIN LATERAL (
        SELECT coalesce({row}.ended_at, (
          SELECT max(m.minute) + interval '1 minute' FROM analytics_streamminute m
          WHERE m.stream_id = {stream} AND m.minute >= b.at AND m.minute < b.till
        ), CASE WHEN {row}.started_at >= b.at THEN {row}.started_at END) AS till
      ) e
      WHERE e.till IS NOT NULL"""

# Followers of a day that is not over are those of the counter, which is the number of the rows without reading them.
FOLLOWERS = """
      CASE WHEN b.till > statement_timestamp() THEN (
        SELECT coalesce(sum(a.value), 0) FROM (
          SELECT c.value FROM engagement_engagementcounter c
          WHERE c.subject = b.performer_id AND c.kind = 'followers' AND c.subject_type = 'performer'
          UNION ALL
          SELECT d.change FROM engagement_counterdelta d
          WHERE d.performer_id = b.performer_id AND d.subject = b.performer_id AND d.kind = 'followers'
            AND d.subject_type = 'performer'
            AND d.moment >= (SELECT coalesce(max(f.until), 0) FROM engagement_counterfold f)
        ) a
      ) ELSE (
        SELECT count(*) FROM engagement_follow f
        WHERE f.performer_id = b.performer_id AND f.id < analytics_id_floor(b.till + interval '1 hour')
          AND f.created_at < b.till AND (f.ended_at IS NULL OR f.ended_at >= b.till)
      ) END"""

# Reversals and follows are found by the instants of their ids, an hour more on both sides: those are of another clock.
# What belongs to one bucket is looked up beside it; what is joined is materialized, or every bucket would compute all.
PERFORMER_DAYS = f"""
BEGIN
  WITH b AS MATERIALIZED (
    SELECT DISTINCT u.performer_id, u.at, u.at + interval '1 day' AS till, (u.at AT TIME ZONE 'UTC')::date AS day,
      analytics_id_floor(u.at) AS low, analytics_id_floor(u.at + interval '1 day') AS high
    FROM unnest(performer_ids, days) AS u (performer_id, at)
    JOIN performers_performerprofile p ON p.id = u.performer_id
  ), air AS MATERIALIZED (
    SELECT b.performer_id, b.day, count(*) AS streams, sum({minutes_between("a.since", "a.till")})::bigint AS minutes
    FROM b CROSS JOIN LATERAL (
      SELECT o.id, o.started_at, o.ended_at FROM streams_stream o
      WHERE o.performer_id = b.performer_id AND o.started_at < b.till AND (o.ended_at IS NULL OR o.ended_at > b.at)
      OFFSET 0
    ) o CROSS JOIN LATERAL ({AIR.format(row="o", stream="o.id")}
    ) a
    GROUP BY b.performer_id, b.day
  ), plays AS MATERIALIZED (
    SELECT b.performer_id, b.day, p.day_key AS viewer, p.watched AS times, p.stalled_seconds AS stalled, p.errors
    FROM b CROSS JOIN LATERAL (
      SELECT p.day_key, p.watched, p.stalled_seconds, p.errors FROM analytics_viewersession p
      WHERE p.performer_id = b.performer_id AND p.id >= b.low AND p.id < b.high AND NOT isempty(p.watched)
      OFFSET 0
    ) p
  ), {watching(["performer_id", "day"]).strip()}, reversed AS MATERIALIZED (
    SELECT s.performer_id, d.day, sum(s.tokens)::bigint AS tokens
    FROM (SELECT DISTINCT b.day, b.at, b.till FROM b) d
    CROSS JOIN LATERAL (
      SELECT r.spend_id FROM billing_spendreversal r
      WHERE r.id >= analytics_id_floor(d.at - interval '1 hour') AND r.id < analytics_id_floor(d.till + interval '1 hour')
        AND r.reversed_at >= d.at AND r.reversed_at < d.till
      OFFSET 0
    ) r
    JOIN billing_tokenspend s ON s.id = r.spend_id
    GROUP BY s.performer_id, d.day
  ), computed AS MATERIALIZED (
    SELECT b.performer_id, b.day, {VIEWED}, coalesce(a.streams, 0), coalesce(a.minutes, 0), m.chat, m.tips,
      m.tip_tokens, s.tokens, coalesce(r.tokens, 0), f.begun, f.ended, greatest(f.followers, 0)::bigint
    FROM b LEFT JOIN air a USING (performer_id, day) LEFT JOIN viewed v USING (performer_id, day)
    LEFT JOIN reversed r USING (performer_id, day)
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(m.chat_messages), 0)::bigint AS chat, coalesce(sum(m.tips), 0)::bigint AS tips,
        coalesce(sum(m.tip_tokens), 0)::bigint AS tip_tokens
      FROM analytics_streamminute m
      WHERE m.performer_id = b.performer_id AND m.minute >= b.at AND m.minute < b.till
    ) m CROSS JOIN LATERAL (
      SELECT coalesce(sum(s.tokens), 0)::bigint AS tokens FROM billing_tokenspend s
      WHERE s.performer_id = b.performer_id AND s.id >= b.low AND s.id < b.high
    ) s CROSS JOIN LATERAL (
      SELECT (
        SELECT count(*) FROM engagement_follow f
        WHERE f.performer_id = b.performer_id AND f.id >= analytics_id_floor(b.at - interval '1 hour')
          AND f.id < analytics_id_floor(b.till + interval '1 hour') AND f.created_at >= b.at AND f.created_at < b.till
      ) AS begun, (
        SELECT count(*) FROM engagement_follow f
        WHERE f.performer_id = b.performer_id AND f.ended_at >= b.at AND f.ended_at < b.till
      ) AS ended, {FOLLOWERS.strip()} AS followers
    ) f
  ), {replacing(
    "analytics_performerday",
    ["performer_id", "day"],
    "streams, minutes_on_air, chat_messages, tips, tip_tokens, tokens_spent, tokens_reversed, new_followers, "
    "lost_followers, followers",
    "performer_id",
).strip()}

  RETURN QUERY
    SELECT DISTINCT 'platform_day'::text, '00000000-0000-0000-0000-000000000000'::uuid, u.at
    FROM unnest(days) AS u (at)
    UNION ALL
    SELECT DISTINCT 'stream_performance', s.id, u.at
    FROM unnest(performer_ids, days) AS u (performer_id, at)
    JOIN streams_stream s ON s.performer_id = u.performer_id AND s.started_at < u.at + interval '1 day'
      AND (s.ended_at IS NULL OR s.ended_at >= u.at);
END
"""

# What happens in a stream is of the category that it has at that instant; a play is counted where it began.
CATEGORY_DAYS = f"""
BEGIN
  WITH b AS MATERIALIZED (
    SELECT DISTINCT u.category_id, u.at, u.at + interval '1 day' AS till, (u.at AT TIME ZONE 'UTC')::date AS day,
      analytics_id_floor(u.at) AS low, analytics_id_floor(u.at + interval '1 day') AS high
    FROM unnest(category_ids, days) AS u (category_id, at)
  ), listed AS MATERIALIZED (
    SELECT d.at, s.stream_id, s.started_at, s.ended_at
    FROM (SELECT DISTINCT b.at, b.till FROM b) d
    JOIN analytics_streamperformance s ON tstzrange(s.started_at, s.ended_at, '[]') && tstzrange(d.at, d.till)
  ), spans AS MATERIALIZED (
    SELECT b.category_id, b.day, b.at, b.till, b.low, b.high, s.stream_id, s.started_at, s.ended_at,
      range_agg(v.valid * tstzrange(b.at, b.till)) AS during
    FROM b JOIN listed s ON s.at = b.at
    JOIN streams_streammetadataversion v ON v.stream_id = s.stream_id AND v.category_id = b.category_id
      AND v.valid && tstzrange(b.at, b.till)
    GROUP BY b.category_id, b.day, b.at, b.till, b.low, b.high, s.stream_id, s.started_at, s.ended_at
  ), air AS MATERIALIZED (
    SELECT a.category_id, a.day, count(DISTINCT a.stream_id) AS streams,
      sum({minutes_between("lower(r)", "upper(r)")})::bigint AS minutes
    FROM (
      SELECT b.category_id, b.day, b.stream_id, b.during * tstzmultirange(tstzrange(a.since, a.till, '[]')) AS times
      FROM spans b CROSS JOIN LATERAL ({AIR.format(row="b", stream="b.stream_id")}
      ) a
      WHERE a.since <= a.till
    ) a CROSS JOIN LATERAL unnest(a.times) AS r
    GROUP BY a.category_id, a.day
  ), plays AS MATERIALIZED (
    SELECT b.category_id, b.day, p.day_key AS viewer, p.watched * b.during AS times,
      CASE WHEN b.during @> lower(p.watched) THEN p.stalled_seconds ELSE 0 END AS stalled,
      CASE WHEN b.during @> lower(p.watched) THEN p.errors ELSE 0 END AS errors
    FROM spans b CROSS JOIN LATERAL (
      SELECT p.day_key, p.watched, p.stalled_seconds, p.errors FROM analytics_viewersession p
      WHERE p.stream_id = b.stream_id AND p.id >= b.low AND p.id < b.high AND p.watched && b.during
      OFFSET 0
    ) p
  ), {watching(["category_id", "day"]).strip()}, minutes AS MATERIALIZED (
    SELECT b.category_id, b.day, sum(m.chat_messages)::bigint AS chat, sum(m.tips)::bigint AS tips,
      sum(m.tip_tokens)::bigint AS tip_tokens
    FROM spans b CROSS JOIN LATERAL (
      SELECT m.chat_messages, m.tips, m.tip_tokens FROM analytics_streamminute m
      WHERE m.stream_id = b.stream_id AND m.minute >= b.at AND m.minute < b.till AND b.during @> m.minute
      OFFSET 0
    ) m
    GROUP BY b.category_id, b.day
  ), spent AS MATERIALIZED (
    SELECT b.category_id, b.day, sum(s.tokens)::bigint AS tokens
    FROM spans b CROSS JOIN LATERAL (
      SELECT s.tokens FROM billing_tokenspend s
      WHERE s.stream_id = b.stream_id AND s.id >= b.low AND s.id < b.high
        AND b.during @> uuid_extract_timestamp(s.id)
      OFFSET 0
    ) s
    GROUP BY b.category_id, b.day
  ), computed AS MATERIALIZED (
    SELECT b.category_id, b.day, {VIEWED}, coalesce(a.streams, 0), coalesce(a.minutes, 0), coalesce(m.chat, 0),
      coalesce(m.tips, 0), coalesce(m.tip_tokens, 0), coalesce(s.tokens, 0)
    FROM b LEFT JOIN air a USING (category_id, day) LEFT JOIN viewed v USING (category_id, day)
    LEFT JOIN minutes m USING (category_id, day) LEFT JOIN spent s USING (category_id, day)
  ), {replacing(
    "analytics_categoryday",
    ["category_id", "day"],
    "streams, minutes_on_air, chat_messages, tips, tip_tokens, tokens_spent",
    "category_id",
).strip()}
END
"""

# People are counted from their plays; what belongs to one performer is added up from the days of performers.
PLATFORM_DAYS = f"""
BEGIN
  WITH b AS MATERIALIZED (
    SELECT DISTINCT u.at, (u.at AT TIME ZONE 'UTC')::date AS day, analytics_id_floor(u.at) AS low,
      analytics_id_floor(u.at + interval '1 day') AS high
    FROM unnest(days) AS u (at)
  ), plays AS MATERIALIZED (
    SELECT b.day, p.day_key AS viewer, p.watched AS times, p.stalled_seconds AS stalled, p.errors
    FROM b CROSS JOIN LATERAL (
      SELECT p.day_key, p.watched, p.stalled_seconds, p.errors FROM analytics_viewersession p
      WHERE p.id >= b.low AND p.id < b.high AND NOT isempty(p.watched)
      OFFSET 0
    ) p
  ), {watching(["day"]).strip()}, added AS MATERIALIZED (
    SELECT b.day, d.*
    FROM b CROSS JOIN LATERAL (
      SELECT coalesce(sum(d.streams), 0)::bigint AS streams, coalesce(sum(d.minutes_on_air), 0)::bigint AS minutes,
        coalesce(sum(d.chat_messages), 0)::bigint AS chat, coalesce(sum(d.tips), 0)::bigint AS tips,
        coalesce(sum(d.tip_tokens), 0)::bigint AS tip_tokens, coalesce(sum(d.tokens_spent), 0)::bigint AS spent,
        coalesce(sum(d.tokens_reversed), 0)::bigint AS reversed, coalesce(sum(d.new_followers), 0)::bigint AS begun,
        coalesce(sum(d.lost_followers), 0)::bigint AS ended, count(*) FILTER (WHERE d.streams > 0) AS performers
      FROM analytics_performerday d WHERE d.day = b.day
    ) d
  ), computed AS MATERIALIZED (
    SELECT b.day, {VIEWED}, a.streams, a.minutes, a.chat, a.tips, a.tip_tokens, a.spent, a.reversed, a.begun, a.ended,
      a.performers
    FROM b LEFT JOIN viewed v USING (day) JOIN added a USING (day)
  ), {replacing(
    "analytics_platformday",
    ["day"],
    "streams, minutes_on_air, chat_messages, tips, tip_tokens, tokens_spent, tokens_reversed, new_followers, "
    "lost_followers, performers",
    "",
).strip()}
END
"""


class Migration(migrations.Migration):
    """How the days of performers, categories and the platform are computed."""

    dependencies = [("analytics", "0003_figures_of_streams")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "analytics_performer_days_compute",
            "performer_ids uuid[], days timestamp with time zone[]",
            TOUCHES,
            PERFORMER_DAYS,
            definer=True,
            settings=CUSTOM,
            comment=(
                "Replaces these days of these performers, and returns what that touches. For the worker, in a run of "
                "roll-ups."
            ),
        ),
        CreateFunction(
            "analytics_category_days_compute",
            "category_ids uuid[], days timestamp with time zone[]",
            "void",
            CATEGORY_DAYS,
            definer=True,
            settings=CUSTOM,
            comment="Replaces these days of these categories. For the worker, in a run of roll-ups.",
        ),
        CreateFunction(
            "analytics_platform_days_compute",
            "days timestamp with time zone[]",
            "void",
            PLATFORM_DAYS,
            definer=True,
            settings=CUSTOM,
            comment="Replaces these days of the platform. For the worker, in a run of roll-ups.",
        ),
    ]
