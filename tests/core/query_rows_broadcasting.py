"""Rows of streams on air, in a number at which the planner chooses as it would in earnest.

Performer 42 and stream 42 have something of everything. Performers are people of `query_data`, streams begin a minute
apart.
"""

FIRST_MILLISECOND = 1_700_000_000_000


def _id(number: str, kind: str) -> str:
    """SQL for the id of the row with this number: a UUIDv7 whose instants are a second apart."""
    stamp = f"lpad(to_hex({FIRST_MILLISECOND} + ({number}) * 1000), 12, '0')"
    return f"({stamp} || '7000{kind}' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


def _person(number: str) -> str:
    return _id(number, "8000")


def _stream(number: str) -> str:
    return _id(number, "8001")


STATEMENTS: tuple[str, ...] = (
    f"""INSERT INTO performers_performerprofile (id, user_id, stage_name, slug, headline, biography, pronouns,
          displayed_location, status)
        SELECT {_person("n")}, {_person("n")}, 'Broadcaster ' || n, 'broadcaster-' || n, '', '', '', '', 'draft'
        FROM generate_series(1, 3000) n
        WHERE NOT EXISTS (SELECT FROM performers_performerprofile p WHERE p.id = {_person("n")})""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    # What triggers write is written below at once, for all streams.
    "ALTER TABLE streams_stream DISABLE TRIGGER USER",
    f"""INSERT INTO streams_stream (id, performer_id, title, description, language, visibility, status, started_at,
          ended_at, end_reason, lease, last_heartbeat_at)
        SELECT {_stream("n")}, {_person("n % 3000 + 1")}, 'Broadcast ' || lpad(n::text, 5, '0'), '', 'en', 'public',
          CASE WHEN n > 11000 THEN 'live' ELSE 'ended' END, now() - interval '2 hours',
          CASE WHEN n <= 11000 THEN now() - interval '1 hour' END, CASE WHEN n <= 11000 THEN 'performer' END,
          CASE WHEN n > 11000 THEN {_stream("n")} END,
          CASE WHEN n > 11000 THEN now() - CASE WHEN n % 10 = 0 THEN interval '5 minutes' ELSE interval '0' END END
        FROM generate_series(1, 12000) n""",
    "ALTER TABLE streams_stream ENABLE TRIGGER USER",
    f"""INSERT INTO streams_streamtransition (stream_id, performer_id, from_status, to_status, acting_role, reason, at)
        SELECT {_stream("n")}, {_person("n % 3000 + 1")}, 'starting', to_status, 'vbl_worker', '', now()
        FROM generate_series(1, 8000) n, unnest(ARRAY['live', 'ended']) to_status""",
    f"""INSERT INTO streams_streammetadataversion (stream_id, performer_id, title, description, language, valid)
        SELECT {_stream("n")}, {_person("n % 3000 + 1")}, 'Part ' || part, '', 'en',
          tstzrange('2026-01-01 20:00Z'::timestamptz + part * interval '1 hour',
            '2026-01-01 21:00Z'::timestamptz + part * interval '1 hour')
        FROM generate_series(1, 6000) n, generate_series(0, 1) part""",
    f"""INSERT INTO streams_privateshow (performer_id, viewer_id, status, tokens_per_minute)
        SELECT {_person("n % 3000 + 1")}, {_person("n + 4000")}, 'requested', 60 FROM generate_series(1, 9000) n""",
    # The trigger computes each id once more, and refuses minutes to come.
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ALTER TABLE streams_viewercountsample DISABLE TRIGGER USER",
    f"""INSERT INTO streams_viewercountsample (id, stream_id, performer_id, viewers)
        SELECT uuidv7(make_interval(mins => minute, days => CASE WHEN n % 2 = 0 THEN 32 ELSE 0 END)),
          {_stream("n")}, {_person("n % 3000 + 1")}, n % 500
        FROM generate_series(1, 400) n, generate_series(1, 60) minute""",
    "ALTER TABLE streams_viewercountsample ENABLE TRIGGER USER",
    "ANALYZE performers_performerprofile, streams_stream, streams_streamtransition, streams_streammetadataversion, "
    "streams_privateshow, streams_viewercountsample",
)
