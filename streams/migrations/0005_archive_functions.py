from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

PURGE = """
DECLARE
  due streams_archive%ROWTYPE;
BEGIN
  SELECT a.* INTO due FROM streams_archive a WHERE a.id = archive FOR UPDATE;
  IF NOT FOUND OR due.purged_at IS NOT NULL OR due.purge_at IS NULL OR due.purge_at > statement_timestamp() THEN
    RAISE EXCEPTION 'This archive is not due to be purged.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_archive_purge_due';
  END IF;
  objects := ARRAY(
    SELECT r.object_key FROM streams_rendition r WHERE r.recording_id = due.recording_id
    UNION ALL SELECT c.object_key FROM streams_captiontrack c WHERE c.archive_id = due.id
    UNION ALL SELECT due.poster_key WHERE due.poster_key IS NOT NULL
  );
  -- First of all, so that a trigger of a higher floor can refuse the move while nothing is gone yet.
  UPDATE streams_archive a
  SET purged_at = statement_timestamp(), deleted_at = coalesce(a.deleted_at, statement_timestamp()),
      poster_key = NULL, default_rendition_id = NULL
  WHERE a.id = due.id;
  INSERT INTO streams_objectremoval (id, archive_id, object_key)
  SELECT uuidv7(), due.id, keys.object_key FROM unnest(objects) AS keys (object_key)
  ON CONFLICT (object_key) WHERE object_key IS NOT NULL DO NOTHING;
  DELETE FROM streams_viewingprogress p WHERE p.archive_id = due.id;
  DELETE FROM streams_clip c WHERE c.archive_id = due.id;
  DELETE FROM streams_archivechapter c WHERE c.archive_id = due.id;
  DELETE FROM streams_mutedsegment m WHERE m.archive_id = due.id;
  DELETE FROM streams_captiontrack c WHERE c.archive_id = due.id;
  DELETE FROM streams_rendition r WHERE r.recording_id = due.recording_id;
  RETURN NEXT;
END
"""

# What an erasure does to the tables of this app. `t` is the table, `person_id` the person.

GONE = (
    ("streams_viewingprogress", "t.viewer_id = person_id"),
    ("streams_clip", "t.author_id = person_id"),
    ("streams_archivechapter", "t.performer_id = person_id"),
    ("streams_historicalarchive", "t.performer_id = person_id"),
    ("streams_viewerlabelpreference", "t.viewer_id = person_id"),
    ("streams_accessgrant", "t.user_id = person_id OR t.performer_id = person_id"),
    ("streams_ingestkey", "t.performer_id = person_id"),
    ("streams_performercategory", "t.performer_id = person_id"),
    ("streams_performertag", "t.performer_id = person_id"),
    ("streams_searchdocument", "t.performer_id = person_id"),
    ("streams_historicalstream", "t.performer_id = person_id"),
    ("streams_historicalstreamlabel", "t.performer_id = person_id"),
    ("streams_streammetadataversion", "t.performer_id = person_id"),
)
"""Rows that go, after the others were emptied: table, which rows: table, which rows."""

EMPTIED = (
    (
        "streams_stream",
        "title = 'Erased', description = '', thumbnail_key = NULL, deleted_at = coalesce(t.deleted_at, now())",
        "t.performer_id = person_id AND (t.title <> 'Erased' OR t.description <> '' OR t.deleted_at IS NULL)",
    ),
    (
        "streams_streamtransition",
        "reason = ''",
        "t.performer_id = person_id AND t.reason <> ''",
    ),
    (
        "streams_archive",
        "title = 'Erased', description = '', deleted_at = coalesce(t.deleted_at, now()), "
        "purge_at = least(t.purge_at, now())",
        "t.performer_id = person_id AND (t.title <> 'Erased' OR t.description <> '' OR t.deleted_at IS NULL)",
    ),
    (
        "streams_recording",
        "error_words = ''",
        "t.performer_id = person_id AND t.error_words <> ''",
    ),
    (
        "streams_recordingreport",
        "payload = NULL",
        "t.performer_id = person_id AND t.payload IS NOT NULL",
    ),
)
"""Rows that stay without what identifies: table, what is set, which rows still need it."""

KEPT = (
    ("streams_archive", "t.performer_id = person_id"),
    ("streams_archivedecision", "t.performer_id = person_id"),
    ("streams_archivetransition", "t.performer_id = person_id"),
    ("streams_recording", "t.performer_id = person_id"),
    ("streams_recordingreport", "t.performer_id = person_id"),
    ("streams_stream", "t.performer_id = person_id"),
    ("streams_streamtransition", "t.performer_id = person_id"),
    # $1 is the person: these tables have a column of the parameter's name.
    ("streams_participant", "$1 IN (t.person_id, t.performer_id)"),
    ("streams_release", "$1 IN (t.person_id, t.performer_id)"),
    ("streams_privateshow", "person_id IN (t.viewer_id, t.performer_id)"),
)
"""Rows that stay: table, which rows."""

OBJECTS = (
    ("streams_rendition", "object_key", "t.performer_id = person_id"),
    ("streams_captiontrack", "object_key", "t.performer_id = person_id"),
    ("streams_archive", "poster_key", "t.performer_id = person_id AND t.poster_key IS NOT NULL"),
    ("streams_stream", "thumbnail_key", "t.performer_id = person_id AND t.thumbnail_key IS NOT NULL"),
)
"""Keys of objects in storage: table, column, which rows."""


def _counts(rows):
    lines = (f"    '{table}', (SELECT count(*) FROM {table} t WHERE {which})" for table, which in rows)
    return "jsonb_build_object(\n" + ",\n".join(lines) + "\n  )"


def _keys(rows):
    return "\n    UNION ALL ".join(f"SELECT t.{column} FROM {table} t WHERE {which}" for table, column, which in rows)


TELL = f"""
  destroyed := {_counts((*GONE, *((table, which) for table, _, which in EMPTIED)))};
  kept := {_counts(KEPT)};
  objects := ARRAY(
    {_keys(OBJECTS)}
  );
"""

SURVEY = f"""
BEGIN{TELL}  RETURN NEXT;
END
"""

OFF_AIR = """
  UPDATE streams_stream t
  SET status = CASE t.status WHEN 'starting' THEN 'aborted' ELSE 'ended' END, lease = NULL, end_reason = 'staff',
      ended_at = greatest(now(), t.started_at)
  WHERE t.performer_id = person_id AND t.status IN ('starting', 'live', 'interrupted');"""

ERASE = "\n".join(
    (
        """
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = person_id AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The person is not erased.' USING ERRCODE = 'check_violation';
  END IF;""",
        TELL.strip("\n"),
        OFF_AIR.strip("\n"),
        *(f"  UPDATE {table} t SET {what} WHERE {which};" for table, what, which in EMPTIED),
        *(f"  DELETE FROM {table} t WHERE {which};" for table, which in GONE),
        "  RETURN NEXT;\nEND\n",
    )
)


class Migration(migrations.Migration):
    """The only ways in which files of archives are given up and rows of people are destroyed."""

    dependencies = [("streams", "0004_content_vocabulary")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "streams_archive_needed",
            "archive uuid",
            "text",
            "SELECT NULL::text",
            language="sql",
            definer=True,
            volatility="stable",
            comment=(
                "Why an archive may not be purged, as a sentence; null: nothing stands against it. A higher floor gives "
                "the answer."
            ),
        ),
        CreateFunction(
            "streams_archive_purge",
            "archive uuid",
            "TABLE (objects text[])",
            PURGE,
            definer=True,
            comment=(
                "Purges an archive whose time is over: marks it, lists its objects for removal from storage, deletes its "
                "renditions, captions, chapters, muted parts, clips and positions; returns the keys. For the worker."
            ),
        ),
        CreateFunction(
            "streams_person_survey",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb, objects text[])",
            SURVEY,
            definer=True,
            volatility="stable",
            comment=(
                "How many rows of each table of streams an erasure of the person would destroy or empty, how many it "
                "would keep, and the keys of the person's objects in storage; changes nothing. For compliance."
            ),
        ),
        CreateFunction(
            "streams_person_erase",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb, objects text[])",
            ERASE,
            definer=True,
            comment=(
                "Destroys in streams what identifies an erased person, takes the person's archives out of sight and makes "
                "them due for the purge; returns what it destroyed and kept. Refuses a person who is not erased. "
                "For compliance."
            ),
        ),
    ]
