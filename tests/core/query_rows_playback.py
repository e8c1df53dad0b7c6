"""Plays and touches in a number at which the planner chooses as it would in earnest; written as the owner.

Stream 42 has as many plays as every other one; the triggers of touches, which ask for the ledger's time, rest.
"""

from tests.core.query_rows_broadcasting import _person, _stream

STREAMS, PLAYS, TOUCHES = 300, 30_000, 60_000

STATEMENTS: tuple[str, ...] = (
    f"""INSERT INTO analytics_viewersession (id, stream_id, performer_id, day_key, stream_key, is_signed_in, started_at,
          ended_at, watched, watched_seconds, stalled_seconds, errors, dropped_frames, events)
        SELECT uuidv7(make_interval(secs => -n, days => CASE WHEN n % 2 = 0 THEN -31 ELSE 0 END)),
          {_stream(f"1 + (n / 2) % {STREAMS}")}, {_person(f"(1 + (n / 2) % {STREAMS}) % 3000 + 1")},
          gen_random_uuid(), gen_random_uuid(), false, now(), now(), '{{}}', 0, 0, 0, 0, 1
        FROM generate_series(1, {PLAYS}) n""",
    "ALTER TABLE analytics_rolluptouch DISABLE TRIGGER USER",
    f"""INSERT INTO analytics_rolluptouch (id, rollup, subject, start, moment)
        SELECT uuidv7(), CASE WHEN n % 6 = 0 THEN 'viewer_session' ELSE 'other_' || n % 6 END, gen_random_uuid(),
          date_trunc('day', now(), 'UTC'), n / 10
        FROM generate_series(1, {TOUCHES}) n""",
    "ALTER TABLE analytics_rolluptouch ENABLE TRIGGER USER",
    f"""INSERT INTO analytics_playbackrejection (id, day, stream_id, reason, events)
        SELECT uuidv7(), current_date - n / {STREAMS}, {_stream(f"1 + n % {STREAMS}")}, 'repeated', 7
        FROM generate_series(0, 11999) n""",
    "ANALYZE analytics_viewersession, analytics_rolluptouch, analytics_playbackrejection",
)
