"""Private messages and their files in a number at which the planner chooses as it would in earnest.

Person 42 has forty conversations, one of them with two hundred messages. Written as the owner, after the people of
`query_data`.
"""

_PEOPLE_MILLISECOND = 1_700_000_000_000
CONVERSATIONS = 12_000
TABLES = (
    "engagement_conversation",
    "engagement_conversationmember",
    "engagement_directmessage",
    "engagement_attachment",
)


def _person(number: str) -> str:
    """SQL for the id of the person with this number, as in `query_data`."""
    stamp = f"lpad(to_hex({_PEOPLE_MILLISECOND} + ({number}) * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


def _conversation(number: str) -> str:
    """SQL for the id of the conversation with this number."""
    return f"('018f00000000' || '7000a000' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


FIRST, SECOND = _person("1 + n % 300"), _person("1000 + n")

STATEMENTS: tuple[str, ...] = (
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES),
    f"""INSERT INTO engagement_conversation (id, first_person_id, second_person_id, started_by_id)
        SELECT {_conversation("n")}, {FIRST}, {SECOND}, {SECOND} FROM generate_series(1, {CONVERSATIONS}) n""",
    f"""INSERT INTO engagement_conversationmember
          (conversation_id, person_id, other_id, state, answered_at, last_message_id, last_read_id)
        SELECT {_conversation("n")}, pair.one, pair.other, pair.state,
          CASE WHEN pair.state <> 'requested' THEN now() END, newest.id,
          CASE WHEN n % 11 NOT IN (0, 3) THEN newest.id END
        FROM generate_series(1, {CONVERSATIONS}) n,
          LATERAL (SELECT uuidv7(make_interval(secs => -n)) AS id) newest,
          LATERAL (VALUES
            ({FIRST}, {SECOND}, CASE WHEN n % 7 = 0 THEN 'requested' ELSE 'accepted' END),
            ({SECOND}, {FIRST}, 'accepted')
          ) AS pair (one, other, state)""",
    # Conversation 41 is the first one of person 42.
    f"""INSERT INTO engagement_directmessage (id, conversation_id, sender_id, recipient_id, body)
        SELECT uuidv7(make_interval(secs => k * 0.01)), {_conversation("n")},
          CASE WHEN k % 2 = 0 THEN {FIRST} ELSE {SECOND} END, CASE WHEN k % 2 = 0 THEN {SECOND} ELSE {FIRST} END,
          'Message ' || k
        FROM (
          SELECT 41 AS n, k FROM generate_series(1, 200) k
          UNION ALL SELECT 1 + k % {CONVERSATIONS}, k FROM generate_series(1, 24000) k
          WHERE 1 + k % {CONVERSATIONS} <> 41
        ) AS said""",
    f"""INSERT INTO engagement_attachment
          (id, uploader_id, object_key, media_type, size_bytes, sha256, status, scanned_at, scanner)
        SELECT made.id, {FIRST}, 'people/' || {FIRST} || '/attachments/' || made.id, 'image/png', 100,
          sha256(n::text::bytea), CASE WHEN n % 200 = 0 THEN 'waiting' ELSE 'clean' END,
          CASE WHEN n % 200 > 0 THEN now() END, CASE WHEN n % 200 > 0 THEN 'ClamAV' ELSE '' END
        FROM generate_series(1, 12000) n, LATERAL (SELECT uuidv7(make_interval(secs => -n)) AS id) made""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in TABLES),
    f"ANALYZE {', '.join(TABLES)}",
)
