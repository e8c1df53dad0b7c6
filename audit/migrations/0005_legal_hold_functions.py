from importlib import import_module

from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations


def landed(module, name):
    """The function as an earlier migration made it."""
    operations = import_module(module).Migration.operations
    return next(operation for operation in reversed(operations) if getattr(operation, "name", None) == name)


ARGUMENTS = "kinds text[], ids uuid[]"

# A new kind of scope says here whom it is about, in the reach what lies below it, in the cover what lies above.
PERSON = """
DECLARE
  person uuid;
BEGIN
  CASE scope_kind
    WHEN 'person' THEN
      person := scope_id;
    WHEN 'stream' THEN
      SELECT s.performer_id INTO person FROM streams_stream s WHERE s.id = scope_id FOR KEY SHARE;
    WHEN 'archive' THEN
      SELECT a.performer_id INTO person FROM streams_archive a WHERE a.id = scope_id FOR KEY SHARE;
    ELSE
      RETURN NULL;
  END CASE;
  SELECT u.id INTO person FROM accounts_user u WHERE u.id = person FOR KEY SHARE;
  RETURN person;
END
"""

OVER = """
WITH asked AS (
  SELECT pair.kind, pair.id FROM unnest(kinds, ids) AS pair (kind, id) WHERE pair.id IS NOT NULL
), above AS (
  SELECT asked.kind, asked.id FROM asked
  UNION
  SELECT wider.kind, wider.id
  FROM asked
  JOIN streams_stream s ON asked.kind = 'stream' AND s.id = asked.id
  CROSS JOIN LATERAL (VALUES ('person', s.performer_id)) AS wider (kind, id)
  UNION
  SELECT wider.kind, wider.id
  FROM asked
  JOIN streams_archive a ON asked.kind = 'archive' AND a.id = asked.id
  CROSS JOIN LATERAL (VALUES ('stream', a.stream_id), ('person', a.performer_id)) AS wider (kind, id)
  UNION
  SELECT wider.kind, wider.id
  FROM asked
  JOIN streams_recording r ON asked.kind = 'recording' AND r.id = asked.id
  CROSS JOIN LATERAL (VALUES ('stream', r.stream_id), ('person', r.performer_id)) AS wider (kind, id)
  UNION
  SELECT 'archive', a.id
  FROM asked
  JOIN streams_archive a ON asked.kind = 'recording' AND a.recording_id = asked.id
)
SELECT DISTINCT h.id
FROM above
JOIN audit_legalhold h ON h.scope_kind = above.kind AND h.scope_id = above.id
WHERE h.valid @> clock_timestamp()
"""

REACH = """
WITH held AS MATERIALIZED (
  SELECT h.id AS hold_id, h.scope_kind AS kind, h.scope_id AS id
  FROM audit_legalhold h
  WHERE h.valid @> clock_timestamp()
)
SELECT held.hold_id, held.kind, held.id FROM held
UNION
SELECT held.hold_id, 'stream', s.id
FROM held JOIN streams_stream s ON s.performer_id = held.id
WHERE held.kind = 'person'
UNION
SELECT held.hold_id, 'archive', a.id
FROM held JOIN streams_archive a ON a.performer_id = held.id
WHERE held.kind = 'person'
UNION
SELECT held.hold_id, 'archive', a.id
FROM held JOIN streams_archive a ON a.stream_id = held.id
WHERE held.kind = 'stream'
UNION
SELECT held.hold_id, 'recording', r.id
FROM held JOIN streams_recording r ON r.performer_id = held.id
WHERE held.kind = 'person'
UNION
SELECT held.hold_id, 'recording', r.id
FROM held JOIN streams_recording r ON r.stream_id = held.id
WHERE held.kind = 'stream'
UNION
SELECT held.hold_id, 'recording', a.recording_id
FROM held JOIN streams_archive a ON a.id = held.id
WHERE held.kind = 'archive' AND a.recording_id IS NOT NULL
"""

COVERS = """
BEGIN
  -- Whoever places a hold holds this alone: a hold that is being written is waited for, and then seen.
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('legal holds', 0));
  RETURN EXISTS (SELECT FROM audit_holds_over(legal_hold_covers.kinds, legal_hold_covers.ids));
END
"""

COPY = """
DECLARE
  copied integer;
BEGIN
  INSERT INTO audit_heldrow (id, hold_id, source_table, source_id, content, sha256, copied_at)
  SELECT uuidv7(), o.hold_id, legal_hold_copy.from_table, legal_hold_copy.row_id, legal_hold_copy.content, '', now()
  FROM audit_holds_over(legal_hold_copy.kinds, legal_hold_copy.ids) AS o (hold_id)
  ON CONFLICT (hold_id, source_table, source_id) DO NOTHING;
  GET DIAGNOSTICS copied = ROW_COUNT;
  RETURN copied;
END
"""

SINCE = """
SELECT min(lower(h.valid))
FROM audit_legalhold h
WHERE h.id IN (
  SELECT audit_holds_over(ARRAY[legal_hold_since.scope_kind], ARRAY[legal_hold_since.scope_id])
)
"""

HELD_LABELS = """BEGIN
  IF legal_hold_covers(ARRAY['person'], ARRAY[audit_labels_erase.person_id]) THEN
    RAISE EXCEPTION 'A legal hold keeps the words of the trail about this person.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_label_held';
  END IF;
"""

ERASE = landed("audit.migrations.0003_seal_functions", "audit_labels_erase")
NO_COVER = landed("core.migrations.0007_legal_holds", "legal_hold_covers")
NO_COPY = landed("core.migrations.0007_legal_holds", "legal_hold_copy")


class Migration(migrations.Migration):
    """What legal holds cover, and that they keep the words of the trail."""

    dependencies = [
        ("audit", "0004_sensitive_read_function"),
        ("core", "0007_legal_holds"),
        ("streams", "0007_watching_functions"),
    ]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "audit_hold_person",
            "scope_kind text, scope_id uuid",
            "uuid",
            PERSON,
            definer=True,
            comment=(
                "Whom the scope of a hold is about, null where there is no such thing; locks its rows against those who "
                "destroy. For the trigger of audit_legalhold."
            ),
        ),
        CreateFunction(
            "audit_holds_over",
            ARGUMENTS,
            "SETOF uuid",
            OVER,
            language="sql",
            definer=True,
            comment=(
                "The legal holds in force that cover a row of which these are the person, stream, archive or recording, "
                "or that cover what these belong to. For the functions below."
            ),
        ),
        CreateFunction(
            "audit_hold_reach",
            "",
            "TABLE (hold_id uuid, kind text, id uuid)",
            REACH,
            language="sql",
            definer=True,
            comment=(
                "Everything that legal holds in force reach: persons, streams, archives and recordings by hold. For "
                "partitions that leave, as the owner."
            ),
        ),
        CreateFunction(
            "legal_hold_covers",
            ARGUMENTS,
            "boolean",
            COVERS,
            definer=True,
            comment=(
                "Does a legal hold cover a row of which these are the person, stream, archive or recording? Pairs of a "
                "kind and an id. Waits for a hold that is being placed, and makes the next one wait until this "
                "transaction ends. For triggers, jobs and the vetoes."
            ),
            previous=NO_COVER,
        ),
        CreateFunction(
            "legal_hold_copy",
            NO_COPY.arguments,
            "integer",
            COPY,
            definer=True,
            comment=(
                "Copies a row out for every legal hold that covers it, before it goes; returns for how many it was new. "
                "For triggers."
            ),
            previous=NO_COPY,
        ),
        CreateFunction(
            "legal_hold_since",
            "scope_kind text, scope_id uuid",
            "timestamptz",
            SINCE,
            language="sql",
            definer=True,
            comment=(
                "Since when a legal hold covers something, null: none does. Tells neither who demands it nor why. For "
                "leads of moderation and the readers of holds."
            ),
        ),
        CreateFunction(
            "audit_labels_erase",
            ERASE.arguments,
            ERASE.returns,
            ERASE.body.replace("BEGIN\n", HELD_LABELS, 1),
            definer=True,
            comment=f"{ERASE.comment} Refused while a legal hold covers the person.",
            previous=ERASE,
        ),
    ]
