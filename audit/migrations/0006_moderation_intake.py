from importlib import import_module

from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations


def landed(name):
    """The function as a migration of streams made it: a question to which this floor has the answer."""
    operations = import_module("streams.migrations.0005_archive_functions").Migration.operations
    return next(operation for operation in operations if getattr(operation, "name", None) == name)


SUBJECT_PERSON = """
SELECT CASE kind
  WHEN 'person' THEN (SELECT u.id FROM accounts_user u WHERE u.id = subject)
  WHEN 'profile' THEN (SELECT p.user_id FROM performers_performerprofile p WHERE p.id = subject)
  WHEN 'stream' THEN (SELECT s.performer_id FROM streams_stream s WHERE s.id = subject)
  WHEN 'archive' THEN (SELECT a.performer_id FROM streams_archive a WHERE a.id = subject)
  WHEN 'chat_message' THEN engagement_chat_message_person(subject)
  WHEN 'chat_room' THEN engagement_chat_room_person(subject)
  WHEN 'direct_message' THEN (SELECT m.sender_id FROM engagement_directmessage m WHERE m.id = subject)
END
"""

# What changes by itself, such as the last sign of life, is left out: equal subjects give equal copies.
SNAPSHOT = """
SELECT CASE kind
  WHEN 'person' THEN (
    SELECT jsonb_build_object(
      'handle', u.handle, 'display_name', coalesce(v.display_name, ''), 'status', u.status,
      'signed_up_at', u.signed_up_at
    )
    FROM accounts_user u LEFT JOIN accounts_viewerprofile v ON v.user_id = u.id
    WHERE u.id = subject
  )
  WHEN 'profile' THEN (
    SELECT jsonb_build_object(
      'handle', u.handle, 'stage_name', p.stage_name, 'slug', p.slug, 'headline', p.headline,
      'biography', p.biography, 'pronouns', p.pronouns, 'displayed_location', p.displayed_location,
      'status', p.status
    )
    FROM performers_performerprofile p JOIN accounts_user u ON u.id = p.user_id
    WHERE p.id = subject
  )
  WHEN 'stream' THEN (
    SELECT jsonb_build_object(
      'stage_name', p.stage_name, 'title', s.title, 'description', s.description, 'language', s.language,
      'visibility', s.visibility, 'status', s.status, 'started_at', s.started_at, 'ended_at', s.ended_at,
      'thumbnail_key', s.thumbnail_key, 'deleted_at', s.deleted_at
    )
    FROM streams_stream s JOIN performers_performerprofile p ON p.id = s.performer_id
    WHERE s.id = subject
  )
  WHEN 'archive' THEN (
    SELECT jsonb_build_object(
      'stage_name', p.stage_name, 'title', a.title, 'description', a.description, 'visibility', a.visibility,
      'status', a.status, 'published_at', a.published_at, 'duration_seconds', a.duration_seconds,
      'poster_key', a.poster_key, 'stream', a.stream_id, 'deleted_at', a.deleted_at, 'purged_at', a.purged_at
    )
    FROM streams_archive a JOIN performers_performerprofile p ON p.id = a.performer_id
    WHERE a.id = subject
  )
  WHEN 'chat_message' THEN engagement_chat_message_snapshot(subject)
  WHEN 'chat_room' THEN engagement_chat_room_snapshot(subject)
  -- No words: those are copied apart, where nobody reads them without a reason.
  WHEN 'direct_message' THEN (
    SELECT jsonb_build_object(
      'handle', u.handle, 'written_at', m.created_at, 'status', m.status, 'characters', char_length(m.body),
      'files', cardinality(m.files),
      'copied_before', (SELECT count(*) FROM (
        SELECT FROM engagement_directmessage b WHERE b.conversation_id = m.conversation_id AND b.id < m.id LIMIT 20
      ) AS before),
      'copied_after', (SELECT count(*) FROM (
        SELECT FROM engagement_directmessage b WHERE b.conversation_id = m.conversation_id AND b.id > m.id LIMIT 10
      ) AS after)
    )
    FROM engagement_directmessage m JOIN accounts_user u ON u.id = m.sender_id
    WHERE m.id = subject
  )
END
"""

MEDIA = """
SELECT jsonb_build_object('kind', m.kind, 'position', m.position), m.object_key, m.media_type, m.sha256
FROM accounts_profilemedia m
WHERE moderation_media.kind IN ('person', 'profile') AND m.status = 'approved'
  AND m.user_id = moderation_subject_person(moderation_media.kind, moderation_media.subject)
UNION ALL
SELECT jsonb_build_object('kind', 'attachment'), a.object_key, a.media_type, a.sha256
FROM engagement_attachment a
WHERE moderation_media.kind = 'direct_message' AND a.status = 'clean' AND a.id = ANY (
  SELECT unnest(m.files) FROM engagement_directmessage m WHERE m.id = moderation_media.subject
)
"""

CASE_FOR = """
DECLARE
  found_id uuid;
  waiting audit_queue%ROWTYPE;
BEGIN
  -- Whoever decides on the case holds its row and may come here: so the row first, and the lock on the subject only
  -- where there is no row.
  SELECT c.id INTO found_id FROM audit_case c
  WHERE c.subject_kind = kind AND c.subject_id = subject AND c.status <> 'closed' FOR UPDATE;
  IF FOUND THEN
    RETURN found_id;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('audit_case of ' || kind || subject, 0));
  SELECT c.id INTO found_id FROM audit_case c
  WHERE c.subject_kind = kind AND c.subject_id = subject AND c.status <> 'closed' FOR UPDATE;
  IF FOUND THEN
    RETURN found_id;
  END IF;
  SELECT * INTO waiting FROM audit_queue q WHERE q.is_default;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no default queue, so no case can be opened. A lead moderator has to make one.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_case_default_queue', TABLE = 'audit_case';
  END IF;
  INSERT INTO audit_case (
    id, subject_kind, subject_id, person_id, queue_id, leads_only, status, priority, priority_explanation, due_at,
    report_count, first_reported_at, last_reported_at, categories, sources, queue_is_chosen
  )
  VALUES (
    uuidv7(), kind, subject, person, waiting.id, waiting.leads_only, 'open', 0, '[]',
    statement_timestamp() + waiting.due_within, 0, statement_timestamp(), statement_timestamp(), '{}', '{}', false
  )
  RETURNING id INTO found_id;
  RETURN found_id;
END
"""

EVENT = """
DECLARE
  acting_role text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
BEGIN
  -- A report moves a case too; who made it stands in the report, for those who may read that.
  INSERT INTO audit_caseevent (id, case_id, person_id, kind, audience, words, actor_id, acting_role, at)
  SELECT uuidv7(), c.id, c.person_id, moderation_event.kind, 'internal',
    left(coalesce(moderation_event.words, current_setting('app.move_reason', true), ''), 4000),
    CASE WHEN acting_role IN ('vbl_moderator', 'vbl_lead_moderator', 'vbl_compliance')
         THEN nullif(current_setting('app.user_id', true), '')::uuid END,
    acting_role, clock_timestamp()
  FROM audit_case c WHERE c.id = moderation_event.case_id;
END
"""

# Points of the rules that match and a little for the number of reports: 500 reports count 54.
TRIAGE = """
DECLARE
  c audit_case%ROWTYPE;
  points_in_force integer;
  on_air boolean;
  told jsonb;
  total integer;
  next_queue uuid;
  time_given interval;
  next_due timestamptz;
BEGIN
  SELECT * INTO c FROM audit_case k WHERE k.id = case_id FOR UPDATE;
  IF NOT FOUND OR c.status IN ('decided', 'closed') THEN
    RETURN;
  END IF;
  SELECT coalesce(sum(s.points), 0) INTO points_in_force FROM audit_strike s
  WHERE s.person_id = c.person_id AND s.revoked_at IS NULL AND s.expires_at > statement_timestamp();
  on_air := EXISTS (
    SELECT FROM streams_stream s
    WHERE s.status IN ('starting', 'live', 'interrupted') AND s.performer_id = c.person_id
      AND (c.subject_kind IN ('person', 'profile') OR c.subject_kind = 'stream' AND s.id = c.subject_id)
  );
  WITH matched AS MATERIALIZED (
    SELECT r.position, r.name, r.points, r.queue_id, r.due_within FROM audit_queuerule r
    WHERE r.is_active
      AND (r.categories = '{}' OR r.categories && c.categories)
      AND (r.subject_kinds = '{}' OR c.subject_kind = ANY (r.subject_kinds))
      AND (r.sources = '{}' OR r.sources && c.sources)
      AND c.report_count >= r.least_reports
      AND points_in_force >= r.least_strike_points
      AND (on_air OR NOT r.live_only)
  ), lines AS (
    SELECT m.position, m.name AS words, m.points FROM matched m
    UNION ALL
    SELECT 2147483647, c.report_count || ' reports', round(20 * log(c.report_count))::integer
    WHERE c.report_count > 1
  ), first AS (
    SELECT q.id, coalesce(m.due_within, q.due_within) AS due_within
    FROM matched m JOIN audit_queue q ON q.id = m.queue_id AND q.is_active
    ORDER BY m.position LIMIT 1
  )
  SELECT
    (SELECT coalesce(
        jsonb_agg(jsonb_build_object('words', l.words, 'points', l.points) ORDER BY l.position)
          FILTER (WHERE l.points <> 0), '[]'
     ) FROM lines l),
    (SELECT coalesce(sum(l.points), 0) FROM lines l),
    (SELECT f.id FROM first f),
    (SELECT f.due_within FROM first f)
  INTO told, total, next_queue, time_given;
  -- Where no rule says anything, or staff chose, queue and due time stay. Once told, it is never due later.
  next_due := c.due_at;
  IF c.queue_is_chosen OR next_queue IS NULL THEN
    next_queue := c.queue_id;
  ELSIF c.report_count = 1 AND c.created_at = transaction_timestamp() THEN
    next_due := c.first_reported_at + time_given;
  ELSE
    next_due := least(c.due_at, coalesce(c.reopened_at, c.first_reported_at) + time_given);
  END IF;
  UPDATE audit_case k
  SET priority = greatest(0, least(1000, total)), priority_explanation = told, queue_id = next_queue, due_at = next_due
  WHERE k.id = c.id
    AND (k.priority, k.priority_explanation, k.queue_id, k.due_at)
      IS DISTINCT FROM (greatest(0, least(1000, total)), told, next_queue, next_due);
END
"""

EVIDENCE_NEEDED = """
SELECT evidence_keep_until IS NULL
  OR evidence_keep_until > statement_timestamp()
  OR legal_hold_covers(ARRAY['person'], ARRAY[evidence_person])
  OR EXISTS (SELECT FROM audit_case c WHERE c.id = evidence_case AND c.status NOT IN ('decided', 'closed'))
  OR EXISTS (
    SELECT FROM audit_appeal a JOIN audit_decision d ON d.id = a.decision_id
    WHERE d.case_id = evidence_case AND a.status IN ('filed', 'reviewing')
  )
"""

EVIDENCE_EXPIRE = """
DECLARE
  gone bigint;
BEGIN
  WITH due AS (
    SELECT e.id FROM audit_evidence e
    WHERE e.keep_until <= statement_timestamp() AND NOT moderation_evidence_needed(e.case_id, e.person_id, e.keep_until)
    ORDER BY e.id LIMIT batch FOR UPDATE SKIP LOCKED
  )
  DELETE FROM audit_evidence e USING due WHERE e.id = due.id;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END
"""

# Of the archive, and of the stream that it remains of.
ARCHIVE_NEEDED = """
WITH about AS (
  SELECT 'archive' AS kind, a.id FROM streams_archive a WHERE a.id = archive
  UNION ALL SELECT 'stream', a.stream_id FROM streams_archive a WHERE a.id = archive
), cases AS (
  SELECT c.id, c.reference, c.status FROM audit_case c JOIN about ON c.subject_kind = about.kind AND c.subject_id = about.id
)
SELECT CASE
  WHEN EXISTS (SELECT FROM cases WHERE status <> 'closed') THEN
    'The case ' || (SELECT reference FROM cases WHERE status <> 'closed' ORDER BY id LIMIT 1) || ' is not closed.'
  WHEN EXISTS (
    SELECT FROM audit_appeal p JOIN audit_decision d ON d.id = p.decision_id JOIN cases ON cases.id = d.case_id
    WHERE p.status IN ('filed', 'reviewing')
  ) THEN 'An appeal against a decision about it is being heard.'
  WHEN EXISTS (
    SELECT FROM audit_decision d JOIN cases ON cases.id = d.case_id
    WHERE d.outcome = 'violation' AND d.appeal_until > statement_timestamp()
      AND NOT EXISTS (SELECT FROM audit_decision r WHERE r.reverses_id = d.id)
  ) THEN 'A decision about it can still be appealed.'
END
"""

GONE = (
    ("audit_casepresence", "t.moderator_id = person_id"),
    ("audit_caseskip", "t.moderator_id = person_id"),
    ("audit_savedfilter", "t.owner_id = person_id"),
)
"""Rows that go with the person: table, which rows. $1 is the person where a table has a column of that name."""

KEPT = (
    ("audit_case", "t.person_id = $1"),
    ("audit_caseevent", "$1 IN (t.person_id, t.actor_id)"),
    ("audit_report", "$1 IN (t.person_id, t.reporter_id)"),
    ("audit_evidence", "t.person_id = $1"),
    ("audit_privatecopy", "$1 IN (t.sender_id, t.reporter_id)"),
    ("audit_claim", "t.moderator_id = $1"),
    ("audit_decision", "$1 IN (t.person_id, t.decided_by_id)"),
    ("audit_statementofreasons", "t.person_id = $1"),
    ("audit_strike", "t.person_id = $1"),
    ("audit_appeal", "$1 IN (t.person_id, t.appellant_id)"),
)
"""Rows that stay: table, which rows."""


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
    """What the triggers of reports and cases ask, the only way to destroy evidence, and what an erasure does here."""

    dependencies = [
        ("audit", "0005_legal_hold_functions"),
        ("streams", "0005_archive_functions"),
        ("performers", "0002_admission_functions"),
        ("engagement", "0004_messages"),
    ]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "moderation_subject_person",
            "kind text, subject uuid",
            "uuid",
            SUBJECT_PERSON,
            language="sql",
            definer=True,
            volatility="stable",
            comment="Whose subject of moderation it is; null: no such thing. What is deleted counts as there.",
        ),
        CreateFunction(
            "moderation_snapshot",
            "kind text, subject uuid",
            "jsonb",
            SNAPSHOT,
            language="sql",
            definer=True,
            volatility="stable",
            comment="The words and facts of a subject of moderation as they are now, for evidence; null: no such thing.",
        ),
        CreateFunction(
            "moderation_media",
            "kind text, subject uuid",
            "TABLE (content jsonb, object_key text, media_type text, sha256 bytea)",
            MEDIA,
            language="sql",
            definer=True,
            volatility="stable",
            comment="The pictures of a subject of moderation that others see now, with the digests of their files.",
        ),
        CreateFunction(
            "moderation_event",
            "case_id uuid, kind text, words text",
            "void",
            EVENT,
            definer=True,
            comment=(
                "Writes what happened to a case; with null words, the reason that the service set for this transaction. "
                "For triggers alone."
            ),
        ),
        CreateFunction(
            "moderation_case_for",
            "kind text, subject uuid, person uuid",
            "uuid",
            CASE_FOR,
            definer=True,
            comment=(
                "The case about a subject that is not closed, locked; opens one in the default queue where there is none. "
                "For triggers alone."
            ),
        ),
        CreateFunction(
            "moderation_triage",
            "case_id uuid",
            "void",
            TRIAGE,
            definer=True,
            comment=(
                "Gives a case its priority with the explanation, its queue and its due time, by the rules of the moment. "
                "For triggers, leads and the worker."
            ),
        ),
        CreateFunction(
            "moderation_evidence_needed",
            "evidence_case uuid, evidence_person uuid, evidence_keep_until timestamptz",
            "boolean",
            EVIDENCE_NEEDED,
            language="sql",
            definer=True,
            volatility="stable",
            comment="Whether evidence of a case may not be destroyed yet. For triggers alone.",
        ),
        CreateFunction(
            "moderation_evidence_expire",
            "batch integer",
            "bigint",
            EVIDENCE_EXPIRE,
            definer=True,
            comment="Deletes a batch of evidence whose time is over; returns how much. For the worker.",
        ),
        CreateFunction(
            "streams_archive_needed",
            landed("streams_archive_needed").arguments,
            "text",
            ARCHIVE_NEEDED,
            language="sql",
            definer=True,
            volatility="stable",
            comment=(
                "Why an archive may not be purged, as a sentence; null: nothing stands against it. Here: a case, an "
                "appeal, or a decision that can still be appealed."
            ),
            previous=landed("streams_archive_needed"),
        ),
        CreateFunction(
            "moderation_person_survey",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            SURVEY,
            definer=True,
            volatility="stable",
            comment=(
                "How many rows of each table of moderation an erasure of the person would destroy and how many it would "
                "keep; changes nothing. For compliance."
            ),
        ),
        CreateFunction(
            "moderation_person_erase",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            ERASE,
            definer=True,
            comment=(
                "Destroys what an erased person did in moderation that nobody needs; returns what it destroyed and kept. "
                "Refuses a person who is not erased. For compliance."
            ),
        ),
    ]
