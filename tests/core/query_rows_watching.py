"""Rows of the directory, search and private lists in a number at which the planner chooses as it would in earnest.

Performer 42 and viewer 42 have something of everything. Written as the owner, after the people of `query_data`.
"""

_PEOPLE_MILLISECOND = 1_700_000_000_000


def _person(number: str) -> str:
    """SQL for the id of the person with this number, as in `query_data`."""
    stamp = f"lpad(to_hex({_PEOPLE_MILLISECOND} + ({number}) * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


def _stream(number: str) -> str:
    """SQL for the id of the stream with this number."""
    return f"('018d00000000' || '7000a000' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


STATEMENTS: tuple[str, ...] = (
    f"""INSERT INTO performers_performerprofile (id, user_id, stage_name, slug, headline, biography, pronouns,
          displayed_location, status)
        SELECT {_person("n")}, {_person("n")}, 'Watched ' || n, 'watched-' || n, '', '', '', '', 'draft'
        FROM generate_series(4001, 7000) n ON CONFLICT DO NOTHING""",
    f"""INSERT INTO streams_stream (id, performer_id, title, description, language, visibility, status)
        SELECT {_stream("n")}, {_person("4001 + n % 3000")},
          CASE WHEN n % 1000 = 7 THEN 'Marathon of chess ' || n ELSE 'Evening talk number ' || n END, '', 'en',
          'public',
          'scheduled'
        FROM generate_series(1, 12000) n""",
    f"""INSERT INTO streams_accessgrant (performer_id, stream_id, user_id, granted_by_id, valid)
        SELECT {_person("4001 + n % 3000")}, {_stream("n")}, {_person("n % 3000 + 1")}, {_person("4001 + n % 3000")},
          tstzrange(now() - interval '1 day', NULL)
        FROM generate_series(1, 9000) n""",
    """INSERT INTO streams_livelistingsnapshot (id, taken_at, stream_count)
        SELECT ('018e00000000' || '7000a000' || lpad(to_hex(n), 12, '0'))::uuid,
          statement_timestamp() - n * interval '1 minute', 3000
        FROM generate_series(1, 10) n""",
    f"""INSERT INTO streams_livelisting (snapshot_id, stream_id, performer_id, language, labels, category_paths, tags,
          blocked_regions, viewers, viewer_bucket, started_at)
        SELECT ('018e00000000' || '7000a000' || lpad(to_hex(s), 12, '0'))::uuid, {_stream("n")},
          {_person("4001 + n % 3000")},
          'en', '{{}}', ARRAY['000' || (n % 7), '000' || (n % 7) || lpad((n % 500)::text, 4, '0')],
          ARRAY['tag-' || n % 300],
          '{{}}', n, n % 60, now()
        FROM generate_series(1, 10) s, generate_series(1, 9000) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    # What waits to be sorted into a GIN index costs every search of it; in earnest the vacuum has done it.
    "SELECT gin_clean_pending_list(name::regclass) FROM unnest(ARRAY['streams_livelisting_words_idx', "
    "'streams_searchdocument_similar_idx', 'streams_searchdocument_vector_idx']) name",
    "ANALYZE performers_performerprofile, streams_stream, streams_accessgrant, streams_livelisting, "
    "streams_livelistingsnapshot, streams_searchdocument",
)
