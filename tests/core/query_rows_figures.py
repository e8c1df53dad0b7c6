"""Figures in a number at which the planner chooses as it would in earnest: performer 42 and her stream have theirs.

A thousand streams of 120 minutes, the days of 500 performers in two years, and those of the platform in five.
"""

from tests.core.query_rows_broadcasting import _person, _stream

STATEMENTS: tuple[str, ...] = (
    "ALTER TABLE analytics_streamminute DISABLE TRIGGER USER",
    "ALTER TABLE analytics_performerday DISABLE TRIGGER USER",
    f"""INSERT INTO analytics_streamminute (id, stream_id, performer_id, minute, concurrent, joins, leaves,
          chat_messages, tips, tip_tokens)
        SELECT uuidv7(), {_stream("n")}, {_person("n % 3000 + 1")}, date_trunc('hour', now()) + m * interval '1 minute',
          m, 2, 1, 3, 0, 0
        FROM generate_series(1, 1000) n, generate_series(0, 119) m""",
    f"""INSERT INTO analytics_streamperformance (id, stream_id, performer_id, started_at, ended_at, minutes_on_air,
          unique_viewers, peak_viewers, peak_at, viewer_minutes, watch_seconds, sessions, stalled_seconds, errors,
          chat_messages, new_followers, tips, tip_tokens, tokens_spent, tokens_reversed)
        SELECT uuidv7(), {_stream("n")}, {_person("n % 300 + 1")}, now() - n * interval '1 hour',
          now() - n * interval '1 hour' + interval '30 minutes', 30, 40, 20, now(), 500, 30000, 60, 4, 1,
          90, 2, 3, 60, 80, 0
        FROM generate_series(1, 12000) n""",
    f"""INSERT INTO analytics_performerday (id, performer_id, day, streams, minutes_on_air, unique_viewers,
          peak_viewers, peak_at, viewer_minutes, watch_seconds, sessions, stalled_seconds, errors, chat_messages, tips,
          tip_tokens, tokens_spent, tokens_reversed, new_followers, lost_followers, followers)
        SELECT uuidv7(), {_person("n")}, date '2026-06-30' - d, 1, 120, 40, 20, now(), 500, 30000, 60, 4, 1, 90, 3, 60,
          80, 0, 2, 1, 900
        FROM generate_series(1, 200) n, generate_series(0, 399) d""",
    """INSERT INTO analytics_platformday (id, day, performers, streams, minutes_on_air, unique_viewers, peak_viewers,
          peak_at, viewer_minutes, watch_seconds, sessions, stalled_seconds, errors, chat_messages, tips, tip_tokens,
          tokens_spent, tokens_reversed, new_followers, lost_followers)
        SELECT uuidv7(), date '2026-06-30' - d, 200, 300, 9000, 40, 20, now(), 500, 30000, 60, 4, 1, 90, 3, 60,
          80, 0, 2, 1
        FROM generate_series(0, 1999) d""",
    "ALTER TABLE analytics_streamminute ENABLE TRIGGER USER",
    "ALTER TABLE analytics_performerday ENABLE TRIGGER USER",
    "ANALYZE analytics_streamminute, analytics_streamperformance, analytics_performerday, analytics_platformday",
)
