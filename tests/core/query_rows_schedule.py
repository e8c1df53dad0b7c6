"""Rows of calendars, studios and settings, for the planner; written by SQL, as the owner.

600 performers plan sixty broadcasts each, one every second day from a month ago on; some are in conflict.
"""

FIRST_MILLISECOND = 1_700_000_000_000
PERFORMERS = 600


def person(number: str) -> str:
    """SQL for the id of the person with this number, as `tests.core.query_data` makes them."""
    stamp = f"lpad(to_hex({FIRST_MILLISECOND} + ({number}) * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


STATEMENTS: tuple[str, ...] = (
    f"""INSERT INTO performers_performerprofile
          (id, user_id, stage_name, slug, headline, biography, pronouns, displayed_location, status)
        SELECT {person("n")}, {person("n")}, 'Evening ' || n, 'evening-' || n, '', '', '', '', 'draft'
        FROM generate_series(1, {PERFORMERS}) n
        ON CONFLICT DO NOTHING""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    # Their triggers look at each performer; what they would set is said here.
    "ALTER TABLE performers_scheduleoccurrence DISABLE TRIGGER USER",
    f"""INSERT INTO performers_scheduleseries
          (performer_id, title, time_zone, first_day, local_time, duration_minutes, rule, last_day, ended_at,
           expanded_until)
        SELECT {person("n")}, 'Evening show', 'UTC', current_date, '20:00', 60, 'FREQ=DAILY;COUNT=90',
          current_date + 89, CASE WHEN n % 10 > 0 THEN now() END, now() + interval '40 days'
        FROM generate_series(1, {PERFORMERS}) n, generate_series(1, 4)""",
    f"""INSERT INTO performers_scheduleoccurrence
          (performer_id, original_day, original_start, during, time_zone, title, status, reason, is_public)
        SELECT {person("n")}, at::date, at, tstzrange(at, at + interval '1 hour'), 'UTC', 'Evening show',
          CASE WHEN n % 40 = 0 AND k > 16 THEN 'conflicting' ELSE 'scheduled' END, '', true
        FROM generate_series(1, {PERFORMERS}) n, generate_series(1, 60) k,
          LATERAL (SELECT now() + (k - 15) * interval '2 days' + interval '12 hours' AS at)""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ALTER TABLE performers_scheduleoccurrence ENABLE TRIGGER USER",
    f"""INSERT INTO performers_geoblock (performer_id, country)
        SELECT {person("n")}, country
        FROM generate_series(1, {PERFORMERS}) n, unnest(ARRAY['DE', 'FR', 'PT', 'ES', 'US']) country""",
    """INSERT INTO performers_studio (name, legal_name, country, registration_number)
        SELECT 'Studio ' || n, 'Studio Lda', 'PT', n::text FROM generate_series(1, 50) n""",
    f"""INSERT INTO performers_studiomembership (performer_id, studio_id, studio_share, valid)
        SELECT {person("n")}, s.id, 0.2,
          tstzrange(now() - interval '1 year' * k, CASE WHEN k > 1 THEN now() - interval '1 year' * (k - 1) END)
        FROM generate_series(1, {PERFORMERS}) n, generate_series(1, 4) k,
          LATERAL (SELECT id FROM performers_studio WHERE registration_number = (n % 50 + 1)::text) s""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ANALYZE performers_performerprofile, performers_scheduleseries, performers_scheduleoccurrence",
    "ANALYZE performers_geoblock, performers_studio, performers_studiomembership",
)
