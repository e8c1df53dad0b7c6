"""Rooms and messages in a number at which the planner chooses as it would in earnest; written as the owner.

Room 42 and person 42 have something of everything. Messages lie within the last hour and, by half, a month back.
"""

from tests.core.query_rows_watching import _person, _stream

ROOMS, MESSAGES = 300, 30_000


def _room(number: str) -> str:
    """SQL for the id of the room with this number."""
    return f"('018d00000000' || '7000b000' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


STATEMENTS: tuple[str, ...] = (
    "SET CONSTRAINTS ALL IMMEDIATE",
    f"""INSERT INTO engagement_chatroom (id, stream_id, performer_id, status)
        SELECT {_room("n")}, {_stream("n")}, {_person("4001 + n % 3000")}, 'open' FROM generate_series(1, {ROOMS}) n""",
    "ALTER TABLE engagement_chatmessage DISABLE TRIGGER USER",
    f"""INSERT INTO engagement_chatmessage (id, room_id, performer_id, sender_id, kind, body, status)
        SELECT uuidv7(make_interval(secs => -n * 0.1, days => CASE WHEN n % 2 = 0 THEN -31 ELSE 0 END)),
          {_room(f"1 + (n / 2) % {ROOMS}")}, {_person(f"4001 + (1 + (n / 2) % {ROOMS}) % 3000")},
          {_person("n / 2 % 1000 + 1")}, 'user', 'Line ' || n, 'visible'
        FROM generate_series(1, {MESSAGES}) n""",
    "ALTER TABLE engagement_chatmessage ENABLE TRIGGER USER",
    """INSERT INTO engagement_blockedterm (term, folded, action, language, valid)
        SELECT 'term ' || n, 'term ' || n, 'hold', '', tstzrange(now() - interval '1 year', NULL)
        FROM generate_series(1, 5000) n""",
    "ALTER TABLE engagement_heldmessage DISABLE TRIGGER USER",
    f"""INSERT INTO engagement_heldmessage (message_id, room_id, performer_id, sender_id, reason, term_id, matched,
          status, decided_by_id, decided_at, expires_at)
        SELECT uuidv7(), {_room(f"1 + n % {ROOMS}")}, {_person(f"4001 + (1 + n % {ROOMS}) % 3000")},
          {_person("n % 1000 + 1")}, 'term', (SELECT t.id FROM engagement_blockedterm t WHERE t.folded = 'term 7'),
          'term', CASE WHEN n % 100 = 0 THEN 'pending' ELSE 'approved' END,
          CASE WHEN n % 100 > 0 THEN {_person("20000")} END, CASE WHEN n % 100 > 0 THEN now() END,
          now() + interval '1 day'
        FROM generate_series(1, 12000) n""",
    "ALTER TABLE engagement_heldmessage ENABLE TRIGGER USER",
    f"""INSERT INTO engagement_roomban (performer_id, room_id, person_id, reason, banned_by_id, valid)
        SELECT {_person("4001 + n % 3000")}, NULL, {_person("n")}, 'Spam', {_person("4001 + n % 3000")},
          tstzrange(now() - interval '1 day', NULL)
        FROM generate_series(1, 3000) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ANALYZE engagement_chatroom, engagement_chatmessage, engagement_blockedterm, engagement_heldmessage, "
    "engagement_roomban",
)
