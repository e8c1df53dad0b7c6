"""The audience in a number at which the planner chooses as it would in earnest.

Sixty performers have breakdowns of a month, 3,000 people, who signed up over two years, were here on a few days of this
month, and watched somebody.
"""

from tests.core.query_rows_ties import _person

PEOPLE, STARS = 3_000, 60
RESTING = ("analytics_vieweractivityday", "analytics_viewerperformerday", "accounts_user")
DAY = "date '2026-01-01' + k"
"""In the rows of performers: a day of January."""

HERE = "(now() AT TIME ZONE 'UTC')::date - k"
"""In the rows of people: a day of the last week, whose partition is there."""

STATEMENTS: tuple[str, ...] = (
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in RESTING),
    f"""INSERT INTO analytics_audienceday (id, day, performer_id, dimension, value, people)
        SELECT uuidv7(), {DAY}, {_person("n")}, dimension, value, 10 + k
        FROM generate_series(1, {STARS}) n, generate_series(0, 30) k, unnest(ARRAY['country', 'device']) dimension,
          unnest(ARRAY['AA', 'BB', 'CC']) value""",
    """INSERT INTO analytics_retentioncohort (id, kind, step, segment, cohort, period, people, erased)
        SELECT uuidv7(), kind, 'week', 'all', date '2024-01-01' + c * 7, date '2024-01-01' + p * 7, 200 - p + c, 0
        FROM unnest(ARRAY['viewers', 'subscriptions']) kind, generate_series(0, 110) c, generate_series(0, 110) p
        WHERE p >= c""",
    f"""INSERT INTO analytics_vieweractivityday (id, user_id, day, first_day, watched_seconds, performers)
        SELECT analytics_day_id({HERE}, {_person("n")}::text), {_person("n")}, {HERE}, {HERE}, 60, 1
        FROM generate_series(1, {PEOPLE}) n, generate_series(0, 4) k""",
    f"""INSERT INTO analytics_viewerperformerday
          (id, viewer_id, performer_id, day, watched_seconds, messages, tips, tip_tokens, last_seen_at)
        SELECT uuidv7(), {_person(f"n + {STARS}")}, {_person("n % 300 + 1")}, {DAY}, 60, 1, 0, 0, now()
        FROM generate_series(1, {PEOPLE}) n, generate_series(8, 14) k""",
    """INSERT INTO analytics_conversionfunnel
         (id, week, within_days, source, signed_up, here, bought, bought_again)
       SELECT uuidv7(), date '2024-01-01' + w * 7, days, source, 200 + w, 100, 40, 10
       FROM generate_series(0, 110) w, unnest(ARRAY[7, 28]) days, unnest(ARRAY['web', 'import']) source""",
    f"""UPDATE accounts_user u SET signed_up_at = timestamptz '2024-01-01 12:00Z' + p.n * interval '6 hours'
        FROM (SELECT {_person("n")} AS id, n FROM generate_series(1, {PEOPLE}) n) p WHERE u.id = p.id""",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in RESTING),
    "ANALYZE analytics_audienceday, analytics_retentioncohort, analytics_conversionfunnel, accounts_user",
    "ANALYZE analytics_vieweractivityday, analytics_viewerperformerday",
)
