from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

# The digest as in core.models.identity.uuid7_derived: 's', the length of the text in eight bytes, the text; of its
# first 80 bits the 6 highest are left out, the next 12 and the last 62 fill the random parts of the UUIDv7.
DAY_ID = """
  SELECT (lpad(to_hex(substring(i.bits FROM 1 FOR 64)::bit(64)::bigint), 16, '0')
    || lpad(to_hex(substring(i.bits FROM 65 FOR 64)::bit(64)::bigint), 16, '0'))::uuid
  FROM (
    SELECT (on_day - date '1970-01-01')::bigint * 86400000 AS milliseconds,
      ('x' || encode(substr(sha256(
        's'::bytea || int8send(octet_length(words)::bigint) || convert_to(words, 'UTF8')), 1, 10), 'hex'))::bit(80) AS random
  ) r CROSS JOIN LATERAL (
    SELECT r.milliseconds::bit(48) || B'0111' || substring(r.random FROM 7 FOR 12)
      || B'10' || substring(r.random FROM 19 FOR 62) AS bits
  ) i
"""

DAY_FLOOR = """
  SELECT (lpad(to_hex((on_day - date '1970-01-01')::bigint * 86400000), 12, '0') || '70008000000000000000')::uuid
"""

# Salts of days are destroyed 48 hours after the day (analytics.services.playback_salts), and none comes back.
IS_FINAL = """
  SELECT on_day < ((now() - interval '48 hours') AT TIME ZONE 'UTC')::date
    AND NOT EXISTS (SELECT FROM analytics_rotatingsalt s WHERE s.scope = 'day' AND s.day = on_day)
"""

# From day to day by the key of sessions, backwards: as many looks as there are days, however many sessions.
UNPUBLISHED = """
DECLARE
  on_day date := (now() AT TIME ZONE 'UTC')::date - 1;
  earliest date := (date_trunc('month', now() AT TIME ZONE 'UTC') - interval '13 months')::date;
  told integer := 0;
BEGIN
  WHILE told < most LOOP
    SELECT uuid_extract_timestamp(s.id) AT TIME ZONE 'UTC' INTO on_day
    FROM analytics_viewersession s
    WHERE s.id < analytics_day_floor(on_day) AND s.id >= analytics_day_floor(earliest) ORDER BY s.id DESC LIMIT 1;
    EXIT WHEN on_day IS NULL;
    IF analytics_day_is_final(on_day) AND NOT EXISTS (SELECT FROM analytics_audienceday a WHERE a.day = on_day) THEN
      told := told + 1;
      RETURN NEXT on_day;
    END IF;
  END LOOP;
END
"""

SEEN = """
  SELECT v.viewer_id, b.performer_id, b.day, w.seconds, 0 AS messages, 0 AS tips, 0::bigint AS tip_tokens, w.last_at
  FROM (
    SELECT l.user_id AS viewer_id, s.performer_id, b.day, range_agg(s.watched) AS watched
    FROM bucket b
    JOIN analytics_viewersession s ON s.performer_id = b.performer_id AND s.id >= b.low AND s.id < b.high
    JOIN analytics_playbackviewer l ON l.id = s.id
    GROUP BY l.user_id, s.performer_id, b.day
  ) v
  JOIN bucket b ON b.performer_id = v.performer_id AND b.day = v.day
  CROSS JOIN LATERAL (
    SELECT floor(sum(extract(epoch FROM upper(r.part) - lower(r.part))))::integer AS seconds, max(upper(r.part)) AS last_at
    FROM unnest(v.watched) r (part)
  ) w
  WHERE NOT isempty(v.watched)
  UNION ALL
  SELECT c.sender_id, b.performer_id, b.day, 0, count(*)::integer, 0, 0, max(uuid_extract_timestamp(c.id))
  FROM bucket b
  JOIN engagement_chatroom r ON r.performer_id = b.performer_id
  JOIN engagement_chatmessage c ON c.room_id = r.id AND c.id >= b.low AND c.id < b.high
  WHERE r.stream_id IS NOT NULL AND c.kind = 'user' AND c.sender_id IS NOT NULL
  GROUP BY c.sender_id, b.performer_id, b.day
  UNION ALL
  SELECT t.viewer_id, b.performer_id, b.day, 0, 0, count(*)::integer, sum(t.tokens)::bigint, max(t.spent_at)
  FROM bucket b
  JOIN billing_tokenspend t ON t.performer_id = b.performer_id AND t.id >= b.low AND t.id < b.high
  GROUP BY t.viewer_id, b.performer_id, b.day
"""

# Of a final day some links may be gone while others are not, and what was counted with all of them stays. Chat tells of
# its stream, everything else of the performer. The erased are left out by the lock that an erasure waits for and that waits for an erasure: what is read is the row
# as it is after the wait. What a legal hold covers is never deleted.
VIEWER_DAYS = f"""
DECLARE
  viewers uuid[];
  on_days date[];
BEGIN
  WITH bucket AS MATERIALIZED (
    SELECT a.performer_id, a.day, analytics_day_floor(a.day) AS low, analytics_day_floor(a.day + 1) AS high
    FROM (
      SELECT DISTINCT coalesce(t.performer_id, u.subject) AS performer_id, u.day
      FROM unnest(subjects, days) u (subject, day) LEFT JOIN streams_stream t ON t.id = u.subject
    ) a
    WHERE NOT (analytics_day_is_final(a.day) AND EXISTS (
      SELECT FROM analytics_viewerperformerday d WHERE d.performer_id = a.performer_id AND d.day = a.day
    ))
  ), seen AS ({SEEN}), counted AS MATERIALIZED (
    SELECT s.viewer_id, s.performer_id, s.day, sum(s.seconds)::integer AS seconds, sum(s.messages)::integer AS messages,
      sum(s.tips)::integer AS tips, sum(s.tip_tokens)::bigint AS tip_tokens, max(s.last_at) AS last_at
    FROM seen s WHERE s.viewer_id <> s.performer_id GROUP BY s.viewer_id, s.performer_id, s.day
  ), living AS MATERIALIZED (
    SELECT u.id FROM accounts_user u
    WHERE u.id IN (SELECT c.viewer_id FROM counted c) AND u.erased_at IS NULL ORDER BY u.id FOR KEY SHARE
  ), written AS (
    INSERT INTO analytics_viewerperformerday AS d
      (id, viewer_id, performer_id, day, watched_seconds, messages, tips, tip_tokens, last_seen_at)
    SELECT uuidv7(), c.viewer_id, c.performer_id, c.day, c.seconds, c.messages, c.tips, c.tip_tokens, c.last_at
    FROM counted c JOIN living l ON l.id = c.viewer_id ORDER BY c.viewer_id, c.day, c.performer_id
    ON CONFLICT (viewer_id, day, performer_id) DO UPDATE SET watched_seconds = excluded.watched_seconds,
      messages = excluded.messages, tips = excluded.tips, tip_tokens = excluded.tip_tokens,
      last_seen_at = excluded.last_seen_at
    WHERE ROW(d.watched_seconds, d.messages, d.tips, d.tip_tokens, d.last_seen_at)
      IS DISTINCT FROM ROW(excluded.watched_seconds, excluded.messages, excluded.tips, excluded.tip_tokens,
        excluded.last_seen_at)
    RETURNING d.viewer_id, d.day
  ), gone AS (
    DELETE FROM analytics_viewerperformerday d USING bucket b
    WHERE d.performer_id = b.performer_id AND d.day = b.day
      AND NOT EXISTS (
        SELECT FROM counted c JOIN living l ON l.id = c.viewer_id
        WHERE c.viewer_id = d.viewer_id AND c.performer_id = d.performer_id AND c.day = d.day
      )
      AND NOT legal_hold_covers(ARRAY['person'], ARRAY[d.viewer_id])
    RETURNING d.viewer_id, d.day
  ), changed AS (SELECT w.viewer_id, w.day FROM written w UNION SELECT g.viewer_id, g.day FROM gone g)
  SELECT array_agg(c.viewer_id ORDER BY c.viewer_id, c.day), array_agg(c.day ORDER BY c.viewer_id, c.day)
  INTO viewers, on_days FROM changed c;
  IF viewers IS NULL THEN
    RETURN 0;
  END IF;
  INSERT INTO analytics_vieweractivityday AS a (id, user_id, day, first_day, watched_seconds, performers)
  SELECT analytics_day_id(u.day, u.viewer_id::text), u.viewer_id, u.day, u.day, s.seconds, s.performers
  FROM unnest(viewers, on_days) u (viewer_id, day)
  CROSS JOIN LATERAL (
    SELECT sum(d.watched_seconds)::integer AS seconds, count(*)::integer AS performers
    FROM analytics_viewerperformerday d WHERE d.viewer_id = u.viewer_id AND d.day = u.day HAVING count(*) > 0
  ) s
  ON CONFLICT (id) DO UPDATE SET watched_seconds = excluded.watched_seconds, performers = excluded.performers;
  DELETE FROM analytics_vieweractivityday a USING unnest(viewers, on_days) u (viewer_id, day)
  WHERE a.id = analytics_day_id(u.day, u.viewer_id::text)
    AND NOT EXISTS (
      SELECT FROM analytics_viewerperformerday d WHERE d.viewer_id = u.viewer_id AND d.day = u.day
    )
    AND NOT legal_hold_covers(ARRAY['person'], ARRAY[a.user_id]);
  -- A late day can be the first one; later days carry it along.
  UPDATE analytics_vieweractivityday a SET first_day = f.first_day
  FROM (
    SELECT u.viewer_id, min(d.first_day) AS first_day FROM (SELECT DISTINCT unnest(viewers)) u (viewer_id)
    JOIN analytics_vieweractivityday d ON d.user_id = u.viewer_id GROUP BY u.viewer_id
  ) f
  WHERE a.user_id = f.viewer_id AND a.first_day > f.first_day;
  RETURN cardinality(viewers);
END
"""

VIEWER_DAYS_STANDING = """
  SELECT b.performer, b.day::timestamp AT TIME ZONE 'UTC' FROM (
    SELECT DISTINCT s.performer_id AS performer, (uuid_extract_timestamp(s.id) AT TIME ZONE 'UTC')::date AS day
    FROM analytics_viewersession s
    WHERE s.id >= analytics_day_floor((since AT TIME ZONE 'UTC')::date)
      AND s.id < analytics_day_floor((until AT TIME ZONE 'UTC')::date)
      AND (subject IS NULL OR s.performer_id = subject)
    UNION
    SELECT d.performer_id, d.day FROM analytics_viewerperformerday d
    WHERE d.day >= (since AT TIME ZONE 'UTC')::date AND d.day < (until AT TIME ZONE 'UTC')::date
      AND (subject IS NULL OR d.performer_id = subject)
  ) b ORDER BY b.performer, b.day
"""

# A period that lies ahead has no cells.
COHORTS = """
DECLARE
  length interval := ('1 ' || of_step)::interval;
  today date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
  WITH asked AS MATERIALIZED (
    SELECT p.period, (p.period + length)::date AS after FROM unnest(periods) p (period)
    WHERE p.period <= today
  ), cells AS (
    SELECT date_trunc(of_step, v.first_day::timestamp)::date AS cohort, v.period, count(*) AS people
    FROM (
      SELECT p.period, a.user_id, min(a.first_day) AS first_day
      FROM asked p JOIN analytics_vieweractivityday a
        ON a.id >= analytics_day_floor(p.period) AND a.id < analytics_day_floor(p.after)
      GROUP BY p.period, a.user_id
    ) v GROUP BY 1, 2
  ), gone AS (
    UPDATE analytics_retentioncohort c SET people = 0 FROM asked p
    WHERE c.period = p.period AND c.kind = 'viewers' AND c.step = of_step AND c.people > 0
      AND NOT EXISTS (SELECT FROM cells x WHERE x.cohort = c.cohort AND x.period = c.period)
  )
  INSERT INTO analytics_retentioncohort AS c (id, kind, step, segment, cohort, period, people, erased)
  SELECT uuidv7(), 'viewers', of_step, 'all', x.cohort, x.period, x.people, 0 FROM cells x ORDER BY x.cohort, x.period
  ON CONFLICT (kind, step, segment, cohort, period) DO UPDATE SET people = excluded.people
  WHERE c.people <> excluded.people;
  WITH asked AS MATERIALIZED (
    SELECT p.period, p.period::timestamp AT TIME ZONE 'UTC' AS starts_at,
      (p.period + length) AT TIME ZONE 'UTC' AS ends_at
    FROM unnest(periods) p (period) WHERE p.period <= today
  ), there AS (
    SELECT p.period, date_trunc(of_step, b.begun_at AT TIME ZONE 'UTC')::date AS cohort,
      CASE WHEN s.giver_id IS NULL THEN 'own' ELSE 'gift' END AS segment
    FROM asked p
    JOIN billing_subscription s ON s.ended_at IS NULL OR s.ended_at > p.starts_at
    CROSS JOIN LATERAL (
      SELECT f.starts_at AS begun_at FROM billing_subscriptionperiod f
      WHERE f.subscription_id = s.id AND f.status IN ('paid', 'free', 'refunded') ORDER BY f.number LIMIT 1
    ) b
    WHERE b.begun_at < p.ends_at
  ), cells AS (
    SELECT t.cohort, t.period, coalesce(t.segment, 'all') AS segment, count(*) AS people
    FROM there t GROUP BY GROUPING SETS ((t.cohort, t.period, t.segment), (t.cohort, t.period))
  ), gone AS (
    UPDATE analytics_retentioncohort c SET people = 0 FROM asked p
    WHERE c.period = p.period AND c.kind = 'subscriptions' AND c.step = of_step AND c.people > 0
      AND NOT EXISTS (
        SELECT FROM cells x WHERE x.cohort = c.cohort AND x.period = c.period AND x.segment = c.segment
      )
  )
  INSERT INTO analytics_retentioncohort AS c (id, kind, step, segment, cohort, period, people, erased)
  SELECT uuidv7(), 'subscriptions', of_step, x.segment, x.cohort, x.period, x.people, 0
  FROM cells x ORDER BY x.segment, x.cohort, x.period
  ON CONFLICT (kind, step, segment, cohort, period) DO UPDATE SET people = excluded.people
  WHERE c.people <> excluded.people;
END
"""

# A window is counted once, when its last day is final: who is erased afterwards stays in the number.
CONVERSION = """
  WITH asked AS MATERIALIZED (
    SELECT w.week, n.days, w.week::timestamp AT TIME ZONE 'UTC' AS starts_at,
      (w.week + 7)::timestamp AT TIME ZONE 'UTC' AS ends_at
    FROM (SELECT DISTINCT unnest(weeks)) w (week) CROSS JOIN (VALUES (7), (28)) n (days)
    WHERE analytics_day_is_final(w.week + 6 + n.days - 1) AND NOT EXISTS (
      SELECT FROM analytics_conversionfunnel f WHERE f.week = w.week AND f.within_days = n.days
    )
  ), reached AS (
    SELECT a.week, a.days, u.sign_up_source, EXISTS (
        SELECT FROM analytics_vieweractivityday v
        WHERE v.user_id = u.id AND v.id >= analytics_day_floor(o.day) AND v.id < analytics_day_floor(o.day + a.days)
      ) AS here, (
        SELECT count(*) FROM billing_order b
        WHERE b.user_id = u.id AND b.paid_at >= o.day::timestamp AT TIME ZONE 'UTC'
          AND b.paid_at < (o.day + a.days)::timestamp AT TIME ZONE 'UTC'
      ) AS orders
    FROM asked a
    JOIN accounts_user u ON u.signed_up_at >= a.starts_at AND u.signed_up_at < a.ends_at
    CROSS JOIN LATERAL (SELECT (u.signed_up_at AT TIME ZONE 'UTC')::date AS day) o
    WHERE u.erased_at IS NULL
  )
  INSERT INTO analytics_conversionfunnel
    (id, week, within_days, source, signed_up, here, bought, bought_again)
  SELECT uuidv7(), r.week, r.days, r.sign_up_source, count(*), count(*) FILTER (WHERE r.here),
    count(*) FILTER (WHERE r.here AND r.orders > 0), count(*) FILTER (WHERE r.here AND r.orders > 1)
  FROM reached r GROUP BY r.week, r.days, r.sign_up_source ORDER BY r.days, r.week, r.sign_up_source
"""

# A Monday on or after the first day of which activity is kept: weeks before have lost a part of it.
CONVERSION_UNCOUNTED = """
  SELECT w.week::date FROM generate_series(
    date_trunc('week', date_trunc('month', now() AT TIME ZONE 'UTC') - interval '13 months' + interval '6 days'),
    date_trunc('week', now() AT TIME ZONE 'UTC'), interval '7 days'
  ) w (week)
  WHERE EXISTS (
    SELECT FROM (VALUES (7), (28)) n (days)
    WHERE analytics_day_is_final(w.week::date + 6 + n.days - 1) AND NOT EXISTS (
      SELECT FROM analytics_conversionfunnel f WHERE f.week = w.week::date AND f.within_days = n.days
    )
  ) AND EXISTS (
    SELECT FROM accounts_user u
    WHERE u.signed_up_at >= w.week AT TIME ZONE 'UTC' AND u.signed_up_at < (w.week + interval '7 days') AT TIME ZONE 'UTC'
      AND u.erased_at IS NULL
  ) ORDER BY w.week
"""

GONE = ("analytics_vieweractivityday", "user_id"), ("analytics_viewerperformerday", "viewer_id")
"""Rows that go with their person: table and column."""

TELL = "\n".join(
    (
        "  destroyed := jsonb_build_object("
        + ", ".join(f"'{table}', (SELECT count(*) FROM {table} t WHERE t.{column} = $1)" for table, column in GONE)
        + ");",
        "  kept := '{}'::jsonb;",
    )
)

SURVEY = f"""
BEGIN
{TELL}
  RETURN NEXT;
END
"""

ERASE = f"""
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = $1 AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The person is not erased.' USING ERRCODE = 'check_violation';
  END IF;
{TELL}
  -- The person stays as a number in every cell in which they were; periods that are not counted yet are touched.
  WITH mine AS MATERIALIZED (
    SELECT DISTINCT s.step, date_trunc(s.step, a.first_day::timestamp)::date AS cohort,
      date_trunc(s.step, a.day::timestamp)::date AS period
    FROM analytics_vieweractivityday a CROSS JOIN (VALUES ('week'), ('month')) s (step) WHERE a.user_id = $1
  ), moved AS (
    INSERT INTO analytics_retentioncohort AS c (id, kind, step, segment, cohort, period, people, erased)
    SELECT uuidv7(), 'viewers', m.step, 'all', m.cohort, m.period, 0, 1 FROM mine m ORDER BY m.step, m.cohort, m.period
    ON CONFLICT (kind, step, segment, cohort, period)
    DO UPDATE SET people = greatest(c.people - 1, 0), erased = c.erased + 1
  )
  SELECT count(analytics_touch('retention_' || m.step, '00000000-0000-0000-0000-000000000000'::uuid,
    m.period::timestamp AT TIME ZONE 'UTC')::text) INTO told
  FROM (SELECT DISTINCT m.step, m.period FROM mine m) m;
{{deletes}}
  RETURN NEXT;
END
""".replace("{deletes}", "\n".join(f"  DELETE FROM {table} t WHERE t.{column} = $1;" for table, column in GONE))
ERASE = ERASE.replace("\nBEGIN", "\nDECLARE\n  told bigint;\nBEGIN", 1)

REPORT = "TABLE (destroyed jsonb, kept jsonb)"

SOURCES = (
    ("performer_sessions", "viewer_performer_day", "day", False, "Who watched the performer, and how long"),
    ("spends", "viewer_performer_day", "day", False, "Who spent tokens on the performer"),
    ("chat", "viewer_performer_day", "day", False, "Who wrote in rooms of the performer's streams"),
)
"""Source, roll-up, grain, whether the platform is touched, and why."""


def name_sources(apps, schema_editor):
    source = apps.get_model("analytics", "RollupSource")
    source.objects.bulk_create(
        [
            source(source=name, rollup=rollup, grain=grain, is_platform=is_platform, words=words)
            for name, rollup, grain, is_platform, words in SOURCES
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    """What the audience asks of the database: ids of days, activity, cohorts, erasure."""

    dependencies = [("analytics", "0006_revenue")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "analytics_day_id",
            "on_day date, words text",
            "uuid",
            DAY_ID,
            language="sql",
            volatility="immutable",
            comment="The id that a day (UTC) and a text always give, as core.models.identity.uuid7_derived makes it.",
        ),
        CreateFunction(
            "analytics_day_floor",
            "on_day date",
            "uuid",
            DAY_FLOOR,
            language="sql",
            volatility="immutable",
            comment="The smallest UUIDv7 of a day (UTC).",
        ),
        CreateFunction(
            "analytics_day_is_final",
            "on_day date",
            "boolean",
            IS_FINAL,
            language="sql",
            definer=True,
            volatility="stable",
            comment=(
                "Whether the salt of a day is destroyed: nothing can be added to its figures of people. For the worker."
            ),
        ),
        CreateFunction(
            "analytics_days_unpublished",
            "most integer",
            "SETOF date",
            UNPUBLISHED,
            definer=True,
            volatility="stable",
            comment=(
                "Final days with sessions of which no breakdown is published or withheld yet, the latest first. For the "
                "worker."
            ),
        ),
        CreateFunction(
            "analytics_viewer_days_compute",
            "subjects uuid[], days date[]",
            "integer",
            VIEWER_DAYS,
            definer=True,
            comment=(
                "Replaces what viewers did at these performers on these days, and who was here; leaves final days and "
                "erased people out; returns how many days of viewers changed. For the worker."
            ),
        ),
        CreateFunction(
            "analytics_viewer_days_standing",
            "since timestamp with time zone, until timestamp with time zone, subject uuid",
            "TABLE (performer uuid, start timestamp with time zone)",
            VIEWER_DAYS_STANDING,
            language="sql",
            definer=True,
            volatility="stable",
            comment="Days of performers, within a range, that were watched or have rows. For the worker.",
        ),
        CreateFunction(
            "analytics_cohorts_compute",
            "of_step text, periods date[]",
            "void",
            COHORTS,
            definer=True,
            comment=(
                "Replaces the cells of these weeks or months in the grids of viewers and subscriptions; the erased stay "
                "as a number. For the worker."
            ),
        ),
        CreateFunction(
            "analytics_conversion_compute",
            "weeks date[]",
            "void",
            CONVERSION,
            language="sql",
            definer=True,
            comment=(
                "Counts the funnels of people who signed up in these weeks, those of windows that are final and not counted "
                "yet. For the worker."
            ),
        ),
        CreateFunction(
            "analytics_conversion_uncounted",
            "",
            "SETOF date",
            CONVERSION_UNCOUNTED,
            language="sql",
            definer=True,
            volatility="stable",
            comment="Weeks in which people signed up and of which a final window is not counted yet. For the worker.",
        ),
        CreateFunction(
            "analytics_audience_survey",
            "person_id uuid",
            REPORT,
            SURVEY,
            definer=True,
            volatility="stable",
            comment="How many rows of a person's activity an erasure would destroy. For compliance.",
        ),
        CreateFunction(
            "analytics_audience_erase",
            "person_id uuid",
            REPORT,
            ERASE,
            definer=True,
            comment=(
                "Destroys the activity of an erased person and keeps a number in the cells of cohorts; returns what it "
                "did. Refuses a person who is not erased. For compliance."
            ),
        ),
        migrations.RunPython(name_sources, migrations.RunPython.noop),
    ]
