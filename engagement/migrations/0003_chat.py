from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

ME = "nullif(current_setting('app.user_id', true), '')::uuid"
ROLE = "coalesce(nullif(current_setting('role', true), 'none'), session_user)"

# Signs of Unicode's blocks of emoji and symbols, with the joiner and the selectors between them, and :names: of emotes.
EMOTES = (
    r"^(\s|:[a-z0-9_+-]{2,32}:|["
    "\u00a9\u00ae\u200d\u203c\u2049\u20e3\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f"
    "])+$"
)

# What is asked of a message that is written now. The first answer counts; the words are read by the sender.
ANSWERS = f"""
SELECT CASE
  WHEN w.sender IS NULL THEN NULL
  WHEN NOT EXISTS (
    SELECT FROM accounts_user u WHERE u.id = w.sender AND u.erased_at IS NULL AND u.closed_at IS NULL
  ) THEN 'sender'
  WHEN EXISTS (
    SELECT FROM accounts_restriction x
    WHERE x.user_id = w.sender AND x.kind IN ('chat', 'sign_in') AND x.valid @> statement_timestamp()
  ) THEN 'barred'
  WHEN EXISTS (
    SELECT FROM engagement_roomban b
    WHERE b.person_id = w.sender AND b.performer_id = r.performer_id AND (b.room_id IS NULL OR b.room_id = w.room)
      AND b.valid @> statement_timestamp()
  ) THEN 'banned'
  WHEN w.sender <> r.performer_id AND engagement_blocked_between(w.sender, r.performer_id) THEN 'blocked'
  WHEN w.reply IS NOT NULL AND NOT (w.reply = ANY (ids)) AND NOT EXISTS (
    SELECT FROM engagement_chatmessage m WHERE m.id = w.reply AND m.room_id = w.room AND m.status = 'visible'
  ) THEN 'reply'
  WHEN w.kind <> 'user' OR w.sender = r.performer_id THEN NULL
  ELSE (
    SELECT CASE
      WHEN p.kind = 'moderator' THEN NULL
      WHEN modes.emotes AND w.body !~ '{EMOTES}' THEN 'emotes'
      WHEN p.kind = 'vip' THEN NULL
      WHEN modes.follow IS NOT NULL AND NOT EXISTS (
        SELECT FROM engagement_follow f
        WHERE f.user_id = w.sender AND f.performer_id = r.performer_id AND f.ended_at IS NULL
          AND f.created_at <= statement_timestamp() - make_interval(secs => modes.follow)
      ) THEN 'followers'
      WHEN modes.subscribers AND NOT EXISTS (
        SELECT FROM billing_entitlement e
        WHERE e.user_id = w.sender AND e.performer_id = r.performer_id AND e.stream_id IS NULL
          AND e.archive_id IS NULL AND e.valid @> statement_timestamp()
      ) THEN 'subscribers'
      WHEN modes.slow IS NOT NULL AND (
        EXISTS (
          SELECT FROM engagement_chatmessage m
          WHERE m.sender_id = w.sender AND m.id > lately AND m.room_id = w.room AND m.id <> w.id AND m.kind = 'user'
            AND abs(extract(epoch FROM m.created_at - uuid_extract_timestamp(w.id))) < modes.slow
        ) OR EXISTS (
          SELECT FROM written o
          WHERE o.place < w.place AND o.sender = w.sender AND o.room = w.room AND o.kind = 'user'
            AND abs(extract(epoch FROM uuid_extract_timestamp(o.id) - uuid_extract_timestamp(w.id))) < modes.slow
        )
      ) THEN 'slow'
    END
    FROM (
      SELECT bool_or(m.kind = 'emote_only') AS emotes, max(m.seconds) FILTER (WHERE m.kind = 'followers_only') AS follow,
        bool_or(m.kind = 'subscribers_only') AS subscribers, max(m.seconds) FILTER (WHERE m.kind = 'slow') AS slow
      FROM engagement_roommode m WHERE m.room_id = w.room AND m.valid @> statement_timestamp()
    ) modes
    LEFT JOIN LATERAL (
      SELECT o.kind FROM engagement_roomrole o
      WHERE o.performer_id = r.performer_id AND o.person_id = w.sender AND o.valid @> statement_timestamp()
    ) p ON true
  )
END
"""

WORDS = """CASE found.code
  WHEN 'room' THEN 'There is no such room.'
  WHEN 'performer' THEN 'A message carries the performer of its room.'
  WHEN 'hidden' THEN 'This room is hidden by a decision of staff.'
  WHEN 'closed' THEN 'This room is closed; only the performer writes in it.'
  WHEN 'time' THEN 'The id of a message is of the time at which it is written.'
  WHEN 'sender' THEN 'There is no such person any more.'
  WHEN 'barred' THEN 'You are barred from chatting at the moment.'
  WHEN 'banned' THEN 'You are banned from this room at the moment.'
  WHEN 'blocked' THEN 'You cannot write in this room.'
  WHEN 'reply' THEN 'The message that this answers is not in this room, or was removed.'
  WHEN 'emotes' THEN 'Only emotes are written in this room at the moment.'
  WHEN 'followers' THEN 'Only followers write in this room at the moment. Follow the performer, or wait until you have followed long enough.'
  WHEN 'subscribers' THEN 'Only subscribers write in this room at the moment.'
  WHEN 'slow' THEN 'This room is slow at the moment. Wait a little before the next message.'
END"""

REFUSALS = f"""
DECLARE
  lately uuid := uuidv7(interval '-2 hours');
  historic boolean := {ROLE} IN ('vbl_worker', 'vbl_owner');
BEGIN
  -- Two messages of one person in a slow room go one after the other; nobody else waits for them.
  PERFORM pg_advisory_xact_lock(turns.key) FROM (
    SELECT DISTINCT hashtextextended('engagement_chatmessage of ' || w.sender || ' in ' || w.room, 0) AS key
    FROM unnest(rooms, senders) AS w (room, sender)
    WHERE w.sender IS NOT NULL AND EXISTS (
      SELECT FROM engagement_roommode m
      WHERE m.room_id = w.room AND m.kind = 'slow' AND m.valid @> statement_timestamp()
    )
    ORDER BY key
  ) turns;
  RETURN QUERY
  WITH written AS MATERIALIZED (
    SELECT w.* FROM unnest(ids, rooms, performers, senders, kinds, bodies, replies) WITH ORDINALITY
      AS w (id, room, performer, sender, kind, body, reply, place)
  ), found AS (
    SELECT w.place, r.performer_id, CASE
      WHEN r.id IS NULL THEN 'room'
      WHEN w.performer IS DISTINCT FROM r.performer_id AND w.performer IS NOT NULL THEN 'performer'
      -- History: what people wrote elsewhere, brought in by the worker long afterwards. Rules of today do not judge it.
      WHEN historic AND uuid_extract_timestamp(w.id) < statement_timestamp() - interval '1 hour' THEN NULL
      WHEN abs(extract(epoch FROM uuid_extract_timestamp(w.id) - clock_timestamp())) > 60 THEN 'time'
      WHEN r.hidden_at IS NOT NULL THEN 'hidden'
      WHEN r.status = 'closed' AND w.sender IS DISTINCT FROM r.performer_id THEN 'closed'
      ELSE ({ANSWERS})
    END AS code
    FROM written w LEFT JOIN engagement_chatroom r ON r.id = w.room
  )
  SELECT found.place::integer, found.performer_id, found.code, {WORDS} FROM found ORDER BY found.place;
END
"""

BLOCKED_TERMS_IN = """
SELECT t.id, t.folded, t.action, t.performer_id, t.room_id, t.term FROM engagement_blockedterm t
WHERE t.folded = ANY (keys) AND (t.performer_id IS NULL OR t.performer_id = ANY (performers))
  AND t.valid @> statement_timestamp()
"""

HOLD = f"""
BEGIN
  INSERT INTO engagement_heldmessage (
    id, created_at, updated_at, version, message_id, room_id, performer_id, sender_id, reason, term_id, matched, status,
    expires_at
  )
  SELECT uuidv7(), now(), now(), 1, m.id, m.room_id, m.performer_id, m.sender_id, h.reason, h.term, h.matched, 'pending',
    statement_timestamp() + interval '24 hours'
  FROM unnest(messages, reasons, terms, matches) AS h (message, reason, term, matched)
  JOIN engagement_chatmessage m ON m.id = h.message AND m.status = 'held' AND m.sender_id IS NOT NULL
  WHERE {ROLE} IN ('vbl_worker', 'vbl_owner') OR m.sender_id = {ME}
  ORDER BY m.id;
END
"""

TIP_SHOW = f"""
BEGIN
  PERFORM FROM billing_tokenspend s JOIN engagement_chatroom r ON r.id = room AND r.performer_id = s.performer_id
  WHERE s.id = spend AND s.kind IN ('tip', 'gift')
    AND (s.viewer_id = {ME} OR {ROLE} IN ('vbl_worker', 'vbl_owner'));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'A line about a tip is written by who tipped the performer of the room.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_chatmessage_tip', TABLE = 'engagement_chatmessage';
  END IF;
  INSERT INTO engagement_chatmessage (id, room_id, performer_id, sender_id, kind, body, status)
  SELECT message, room, s.performer_id, s.viewer_id, 'tip', words, 'visible' FROM billing_tokenspend s WHERE s.id = spend
  ON CONFLICT (id) DO NOTHING;
END
"""

HANDLES = """
SELECT u.id, u.handle FROM accounts_user u WHERE u.id = ANY (people) AND u.erased_at IS NULL
"""

MESSAGE_PERSON = "SELECT m.sender_id FROM engagement_chatmessage m WHERE m.id = subject"
ROOM_PERSON = "SELECT r.performer_id FROM engagement_chatroom r WHERE r.id = subject"

# The twenty before and the ten after, as they stand; who wrote them by id, since handles change.
AROUND = """
  SELECT jsonb_agg(jsonb_build_object(
    'id', a.id, 'at', a.created_at, 'sender', a.sender_id, 'handle', u.handle, 'kind', a.kind, 'status', a.status,
    'body', a.body, 'reply_to', a.reply_to_id
  ) ORDER BY a.id)
  FROM {around} a LEFT JOIN accounts_user u ON u.id = a.sender_id
"""

MESSAGE_SNAPSHOT = f"""
SELECT jsonb_build_object(
  'room', m.room_id, 'stage_name', p.stage_name, 'sender', m.sender_id, 'handle', u.handle, 'kind', m.kind,
  'status', m.status, 'body', m.body, 'written_at', m.created_at, 'reply_to', m.reply_to_id,
  'before', ({AROUND.format(around="(SELECT b.* FROM engagement_chatmessage b WHERE b.room_id = m.room_id AND b.id < m.id ORDER BY b.id DESC LIMIT 20)")}),
  'after', ({AROUND.format(around="(SELECT b.* FROM engagement_chatmessage b WHERE b.room_id = m.room_id AND b.id > m.id ORDER BY b.id LIMIT 10)")})
)
FROM engagement_chatmessage m
JOIN performers_performerprofile p ON p.id = m.performer_id LEFT JOIN accounts_user u ON u.id = m.sender_id
WHERE m.id = subject
"""

ROOM_SNAPSHOT = f"""
SELECT jsonb_build_object(
  'stream', r.stream_id, 'title', s.title, 'stage_name', p.stage_name, 'status', r.status, 'hidden_at', r.hidden_at,
  'latest', ({AROUND.format(around="(SELECT b.* FROM engagement_chatmessage b WHERE b.room_id = r.id ORDER BY b.id DESC LIMIT 50)")})
)
FROM engagement_chatroom r
JOIN streams_stream s ON s.id = r.stream_id JOIN performers_performerprofile p ON p.id = r.performer_id
WHERE r.id = subject
"""

GONE = (
    ("engagement_heldmessage", "t.sender_id = $1"),
    ("engagement_chatmessage", "t.sender_id = $1"),
    ("engagement_roomrole", "$1 IN (t.person_id, t.performer_id)"),
    ("engagement_roomban", "$1 IN (t.person_id, t.performer_id)"),
)
KEPT = (
    ("engagement_chatroom", "t.performer_id = $1"),
    ("engagement_blockedterm", "$1 IN (t.added_by_id, t.performer_id)"),
)


def _counts(rows):
    lines = (f"    '{table}', (SELECT count(*) FROM {table} t WHERE {which})" for table, which in rows)
    return "jsonb_build_object(\n" + ",\n".join(lines) + "\n  )"


TELL = f"""
  destroyed := {_counts(GONE)};
  kept := {_counts(KEPT)};
"""
SURVEY = f"""
BEGIN{TELL}  RETURN NEXT;
END
"""
ERASE = "\n".join(
    (
        """
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = person_id AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The person is not erased.' USING ERRCODE = 'check_violation';
  END IF;""",
        TELL.strip("\n"),
        *(f"  DELETE FROM {table} t WHERE {which};" for table, which in GONE),
        "  RETURN NEXT;\nEND\n",
    )
)


class Migration(migrations.Migration):
    """What rooms, messages and automatic moderation ask of the database."""

    dependencies = [("engagement", "0002_ties")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "engagement_chat_refusals",
            "ids uuid[], rooms uuid[], performers uuid[], senders uuid[], kinds text[], bodies text[], replies uuid[]",
            "TABLE (place integer, performer_id uuid, code text, words text)",
            REFUSALS,
            definer=True,
            # It is asked twice for each message, and planning it anew each time takes longer than the answer.
            settings=(("plan_cache_mode", "force_generic_plan"),),
            comment=(
                "Whether rooms take messages: for each its place, the performer of the room, and why not (null: it is "
                "taken). Asked by the service before and by the trigger of the messages in any case."
            ),
        ),
        CreateFunction(
            "engagement_blocked_terms_in",
            "keys text[], performers uuid[]",
            "TABLE (id uuid, folded text, action text, performer_id uuid, room_id uuid, term text)",
            BLOCKED_TERMS_IN,
            language="sql",
            definer=True,
            volatility="stable",
            comment="Which of the folded terms are blocked now, on the platform or by these performers.",
        ),
        CreateFunction(
            "engagement_message_hold",
            "messages uuid[], reasons text[], terms uuid[], matches text[]",
            "void",
            HOLD,
            definer=True,
            comment="Puts held messages of one's own into the queue; who wrote them does not read the queue.",
        ),
        CreateFunction(
            "engagement_handles",
            "people uuid[]",
            "TABLE (id uuid, handle text)",
            HANDLES,
            language="sql",
            definer=True,
            volatility="stable",
            comment="By which handles people are known in rooms; who is erased has none. Viewers read no accounts.",
        ),
        CreateFunction(
            "engagement_tip_show",
            "message uuid, room uuid, spend uuid, words text",
            "void",
            TIP_SHOW,
            definer=True,
            comment="Writes the line about a tip or gift of one's own in a room of the performer; a second time, nothing.",
        ),
        CreateFunction(
            "engagement_chat_message_person",
            "subject uuid",
            "uuid",
            MESSAGE_PERSON,
            language="sql",
            definer=True,
            volatility="stable",
            comment="Who wrote a message; null: nobody, or there is none. For functions of moderation.",
        ),
        CreateFunction(
            "engagement_chat_room_person",
            "subject uuid",
            "uuid",
            ROOM_PERSON,
            language="sql",
            definer=True,
            volatility="stable",
            comment="Whose room it is; null: there is none. For functions of moderation.",
        ),
        CreateFunction(
            "engagement_chat_message_snapshot",
            "subject uuid",
            "jsonb",
            MESSAGE_SNAPSHOT,
            language="sql",
            definer=True,
            volatility="stable",
            comment="A message as evidence: its words with the twenty messages before and the ten after it.",
        ),
        CreateFunction(
            "engagement_chat_room_snapshot",
            "subject uuid",
            "jsonb",
            ROOM_SNAPSHOT,
            language="sql",
            definer=True,
            volatility="stable",
            comment="A room as evidence: its stream and its last fifty messages.",
        ),
        CreateFunction(
            "engagement_chat_survey",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            SURVEY,
            definer=True,
            volatility="stable",
            comment="How many rows of chat an erasure destroys and keeps.",
        ),
        CreateFunction(
            "engagement_chat_erase",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            ERASE,
            definer=True,
            comment="Destroys what an erased person wrote in rooms and was there; tells what it destroyed and keeps.",
        ),
    ]
