from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

ME = "nullif(current_setting('app.user_id', true), '')::uuid"

FOR_ME = f"""
SELECT a.object_key, a.media_type, a.size_bytes
FROM engagement_attachment a JOIN engagement_directmessage m ON m.id = a.message_id
WHERE a.id = attachment AND a.status = 'clean' AND m.status = 'visible'
  AND ({ME} = m.sender_id OR {ME} = m.recipient_id)
"""

NEEDED = "SELECT false"

FORGETTABLE = """
SELECT a.id, a.object_key FROM engagement_attachment a
LEFT JOIN engagement_directmessage m ON m.id = a.message_id
WHERE a.forget_after <= statement_timestamp()
  AND NOT engagement_attachment_needed(a.id)
  AND NOT legal_hold_covers(ARRAY['person', 'person'], ARRAY[a.uploader_id, m.recipient_id])
ORDER BY a.forget_after LIMIT batch
"""

HIDE = """
DECLARE
  sender uuid;
BEGIN
  UPDATE engagement_directmessage m SET status = CASE WHEN hidden THEN 'hidden' ELSE 'visible' END
  WHERE m.id = message AND m.status = CASE WHEN hidden THEN 'visible' ELSE 'hidden' END
  RETURNING m.sender_id INTO sender;
  RETURN sender;
END
"""

FORGET = """
DECLARE
  gone bigint;
BEGIN
  WITH due AS (
    SELECT m.id FROM engagement_directmessage m
    WHERE m.status = 'deleted' AND m.body <> '' AND m.moved_at < statement_timestamp() - interval '30 days'
      AND NOT legal_hold_covers(ARRAY['person', 'person'], ARRAY[m.sender_id, m.recipient_id])
    ORDER BY m.moved_at LIMIT batch FOR UPDATE SKIP LOCKED
  )
  UPDATE engagement_directmessage m SET body = '' FROM due WHERE m.id = due.id;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END
"""

# What an erasure does to private messages. `t` is the table, `person_id` the person; $1 where a column has that name.
GONE = (
    ("engagement_attachment", "t.uploader_id = person_id"),
    ("engagement_conversationmember", "t.person_id = $1"),
)
"""Rows that go: table, which rows."""

EMPTIED = (
    ("engagement_directmessage", "body = '', status = 'erased'", "t.sender_id = person_id AND t.status <> 'erased'"),
)
"""Rows that stay without what identifies: table, what is set, which rows still need it."""

KEPT = (
    ("engagement_directmessage", "person_id IN (t.sender_id, t.recipient_id)"),
    ("engagement_conversation", "person_id IN (t.first_person_id, t.second_person_id)"),
    ("engagement_conversationmember", "t.other_id = $1"),
)
"""Rows that stay: table, which rows."""


def _counts(rows):
    lines = (f"    '{table}', (SELECT count(*) FROM {table} t WHERE {which})" for table, which in rows)
    return "jsonb_build_object(\n" + ",\n".join(lines) + "\n  )"


TELL = f"""
  destroyed := {_counts((*GONE, *((table, which) for table, _, which in EMPTIED)))};
  kept := {_counts(KEPT)};
  objects := ARRAY(SELECT t.object_key FROM engagement_attachment t WHERE t.uploader_id = person_id);
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
        *(f"  UPDATE {table} t SET {changes} WHERE {which};" for table, changes, which in EMPTIED),
        *(f"  DELETE FROM {table} t WHERE {which};" for table, which in GONE),
        "  RETURN NEXT;\nEND\n",
    )
)


class Migration(migrations.Migration):
    """What members, moderation, the worker and erasure may do to private messages without reading them."""

    dependencies = [("engagement", "0003_chat")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "engagement_attachment_for_me",
            "attachment uuid",
            "TABLE (object_key text, media_type text, size_bytes bigint)",
            FOR_ME,
            language="sql",
            definer=True,
            volatility="stable",
            comment=(
                "Where the file of an attachment lies, for the two people of its message: no row before a clean scan, nor "
                "after the message was hidden or deleted."
            ),
        ),
        CreateFunction(
            "engagement_attachment_needed",
            "attachment uuid",
            "boolean",
            NEEDED,
            language="sql",
            definer=True,
            volatility="stable",
            comment="Whether somebody still needs the file of an attachment. A higher floor gives the answer.",
        ),
        CreateFunction(
            "engagement_attachments_forgettable",
            "batch integer",
            "TABLE (id uuid, object_key text)",
            FORGETTABLE,
            language="sql",
            definer=True,
            volatility="stable",
            comment=(
                "Attachments whose time is over, the longest first. What evidence needs or a hold covers stays. For the worker."
            ),
        ),
        CreateFunction(
            "engagement_direct_message_hide",
            "message uuid, hidden boolean",
            "uuid",
            HIDE,
            definer=True,
            comment=(
                "Hides a private message from its recipient, or shows it again; returns its sender, null where there was "
                "nothing to do. Reads no words. For decisions of moderation."
            ),
        ),
        CreateFunction(
            "engagement_direct_messages_forget",
            "batch integer",
            "bigint",
            FORGET,
            definer=True,
            comment=(
                "Empties a batch of messages that their senders deleted 30 days ago and no hold covers; returns how many. "
                "For the worker."
            ),
        ),
        CreateFunction(
            "engagement_messages_person_survey",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb, objects text[])",
            SURVEY,
            definer=True,
            volatility="stable",
            comment=(
                "How many rows of private messages an erasure of the person would destroy, empty and keep, and the keys "
                "of the person's files; changes nothing. For compliance."
            ),
        ),
        CreateFunction(
            "engagement_messages_person_erase",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb, objects text[])",
            ERASE,
            definer=True,
            comment=(
                "Empties what an erased person wrote privately, deletes their files and their place in conversations; "
                "returns what it destroyed and kept. Refuses a person who is not erased. For compliance."
            ),
        ),
    ]
