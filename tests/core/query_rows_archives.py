"""Recordings, archives and what hangs on them, in a number at which the planner chooses as it would in earnest.

400 performers with 50 archives each; performer 42 is asked about, whose first archive has hundreds of clips.
"""


def _id(kind: int, number: str) -> str:
    """SQL for the id of row `number` of a kind: a UUIDv7 whose instants are a second apart."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1750000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '7000800{kind}' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


PERFORMERS, ARCHIVES = 400, 20_000

STATEMENTS: tuple[str, ...] = (
    f"""INSERT INTO accounts_user (id, handle, locale, time_zone, sign_up_source, signed_up_at, status)
        SELECT {_id(1, "n")}, 'recorded_' || lpad(n::text, 5, '0'), 'en', 'UTC', 'import', now(), 'pending'
        FROM generate_series(1, {PERFORMERS}) n""",
    f"""INSERT INTO performers_performerprofile
          (id, user_id, stage_name, slug, headline, biography, pronouns, displayed_location, status)
        SELECT {_id(1, "n")}, {_id(1, "n")}, 'Recorded ' || n, 'recorded-' || n, '', '', '', '', 'draft'
        FROM generate_series(1, {PERFORMERS}) n""",
    f"""INSERT INTO streams_stream (id, performer_id, title, description, language, visibility, status)
        SELECT {_id(2, "n")}, {_id(1, f"n % {PERFORMERS} + 1")}, 'Recorded ' || n, '', 'en', 'public', 'scheduled'
        FROM generate_series(1, {ARCHIVES}) n""",
    f"""INSERT INTO streams_recording
          (id, performer_id, stream_id, provider_reference, status, heard_at)
        SELECT {_id(3, "n")}, {_id(1, f"n % {PERFORMERS} + 1")}, {_id(2, "n")}, 'EG_rows_' || n, 'starting', now()
        FROM generate_series(1, {ARCHIVES}) n""",
    f"""UPDATE streams_recording SET status = CASE WHEN id <= {_id(3, "200")} THEN 'failed' ELSE 'complete' END,
          ended_at = now(), error_code = CASE WHEN id <= {_id(3, "200")} THEN 'disk_full' ELSE '' END
        WHERE provider_reference LIKE 'EG_rows_%' AND id <= {_id(3, "19900")}""",
    f"""UPDATE streams_recording SET heard_at = now() - interval '1 hour'
        WHERE id > {_id(3, "19900")} AND id <= {_id(3, "19930")}""",
    f"""INSERT INTO streams_recordingreport
          (recording_id, provider, provider_event, state, reported_at, received_at, outcome, payload)
        SELECT {_id(3, "n")}, 'livekit', 'EV_rows_' || n || '_' || k, 'active', now() - interval '1 day' * k, now(),
          'applied', '{{}}'
        FROM generate_series(1, 5000) n, generate_series(1, 3) k""",
    f"""INSERT INTO streams_archive
          (id, performer_id, stream_id, recording_id, title, description, visibility, status, duration_seconds)
        SELECT {_id(4, "n")}, {_id(1, f"n % {PERFORMERS} + 1")}, {_id(2, "n")}, {_id(3, "n")}, 'Recorded ' || n, '',
          'public', 'processing', 3600
        FROM generate_series(1, {ARCHIVES}) n""",
    f"UPDATE streams_archive SET status = 'pending' WHERE id >= {_id(4, '1')} AND id <= {_id(4, '20000')}",
    f"""UPDATE streams_archive SET status = 'approved', published_at = now() - interval '1 day',
          purge_at = now() + interval '60 days'
        WHERE id > {_id(4, "300")} AND id <= {_id(4, "20000")}""",
    f"""UPDATE streams_archive SET purge_at = now() - interval '1 hour'
        WHERE id > {_id(4, "19960")} AND id <= {_id(4, "20000")}""",
    f"""INSERT INTO streams_archivedecision (archive_id, kind, reason, decided_at)
        SELECT {_id(4, "n")}, 'approve', 'Nothing against it.', now() FROM generate_series(301, 15000) n""",
    f"""INSERT INTO streams_clip (archive_id, author_id, title, seconds, status, removal_reason)
        SELECT {_id(4, "CASE WHEN n <= 300 THEN 441 ELSE 400 + n % 19000 END")}, {_id(1, "1 + n % 400")}, 'Clip ' || n,
          int4range(n % 600, n % 600 + 30), 'active', ''
        FROM generate_series(1, 12000) n""",
    f"""INSERT INTO streams_viewingprogress (viewer_id, archive_id, seconds)
        SELECT {_id(1, "n")}, {_id(4, "1000 + n * 7 + k * 31")}, 60
        FROM generate_series(1, {PERFORMERS}) n, generate_series(1, 60) k
        ON CONFLICT DO NOTHING""",
    f"""INSERT INTO streams_objectremoval (archive_id, object_key, confirmed_at)
        SELECT {_id(4, "n")}, 'people/' || {_id(1, "1")} || '/gone/' || n || '.mp4',
          CASE WHEN n > 40 THEN now() END
        FROM generate_series(1, 12000) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ANALYZE streams_stream, streams_recording, streams_recordingreport, streams_archive, streams_archivedecision, "
    "streams_clip, streams_viewingprogress, streams_objectremoval, performers_performerprofile",
)
