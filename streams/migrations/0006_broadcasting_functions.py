from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

PERSON_OBSTACLES = """
BEGIN
RETURN QUERY
SELECT o.performer_id, o.obstacle
FROM performers_obstacles(people, statement_timestamp()) o
UNION ALL
SELECT p.person_id, CASE needed.scope WHEN 'recording' THEN 'not_released_for_recording' ELSE 'not_released' END
FROM streams_participant p
CROSS JOIN (VALUES ('broadcast'), ('recording')) needed(scope)
WHERE p.stream_id = stream AND p.person_id = ANY (people)
  AND (needed.scope = 'broadcast' OR EXISTS (
    SELECT FROM streams_streamconfiguration c WHERE c.stream_id = stream AND c.is_recorded
  ))
  AND NOT EXISTS (
    SELECT FROM streams_release l
    WHERE l.participant_id = p.id AND l.scope = needed.scope AND l.withdrawn_at IS NULL
      AND l.signed_at <= statement_timestamp()
  );
END;
"""

OBSTACLES = """
DECLARE
  v_performer uuid;
  v_status text;
BEGIN
  SELECT s.performer_id, s.status INTO v_performer, v_status FROM streams_stream s WHERE s.id = stream;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF current_setting('role', true) = 'vbl_performer'
    AND v_performer IS DISTINCT FROM nullif(current_setting('app.user_id', true), '')::uuid THEN
    RAISE EXCEPTION 'A performer asks about her own streams.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT o.person_id, o.code FROM streams_person_obstacles(stream, ARRAY[v_performer] || ARRAY(
    SELECT p.person_id FROM streams_participant p
    WHERE p.stream_id = stream AND p.left_at IS NULL AND (v_status <> 'interrupted' OR p.joined_at IS NOT NULL)
  )) o;
END;
"""

METADATA_KEEP = """
DECLARE
  v_stream record;
  v_open record;
  v_category uuid;
  v_at timestamptz := clock_timestamp();
BEGIN
  SELECT s.performer_id, s.title, s.description, s.language INTO v_stream
  FROM streams_stream s WHERE s.id = stream FOR NO KEY UPDATE;
  SELECT m.id, m.title, m.description, m.language, m.category_id, lower(m.valid) AS since INTO v_open
  FROM streams_streammetadataversion m WHERE m.stream_id = stream AND upper_inf(m.valid);
  v_category := CASE WHEN changes_category THEN category ELSE v_open.category_id END;
  IF v_open.id IS NOT NULL THEN
    IF ROW(v_stream.title, v_stream.description, v_stream.language, v_category)
      IS NOT DISTINCT FROM ROW(v_open.title, v_open.description, v_open.language, v_open.category_id) THEN
      RETURN;
    END IF;
    v_at := greatest(v_at, v_open.since + interval '1 microsecond');
    UPDATE streams_streammetadataversion SET valid = tstzrange(v_open.since, v_at) WHERE id = v_open.id;
  END IF;
  INSERT INTO streams_streammetadataversion
    (stream_id, performer_id, title, description, language, category_id, valid)
  VALUES (stream, v_stream.performer_id, v_stream.title, v_stream.description, v_stream.language, v_category,
    tstzrange(v_at, NULL));
END;
"""


class Migration(migrations.Migration):
    """What the gate before going live asks, and the record of what streams are called."""

    dependencies = [("streams", "0005_archive_functions")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "streams_person_obstacles",
            "stream uuid, people uuid[]",
            "TABLE (person_id uuid, code text)",
            PERSON_OBSTACLES,
            volatility="stable",
            definer=True,
            comment=(
                "Why these people may not be shown now: admission and restriction, which performers_obstacles knows, and, "
                "for participants of the stream, consent. For triggers and streams_obstacles; no role calls it."
            ),
        ),
        CreateFunction(
            "streams_obstacles",
            "stream uuid",
            "TABLE (person_id uuid, code text)",
            OBSTACLES,
            volatility="stable",
            definer=True,
            comment=(
                "Why a stream may not go on air now, by person and code; empty: it may. A performer asks about her "
                "own streams alone."
            ),
        ),
        CreateFunction(
            "streams_metadata_keep",
            "stream uuid, changes_category boolean, category uuid",
            "void",
            METADATA_KEEP,
            definer=True,
            comment=(
                "Closes the open version of a stream's metadata when something differs, and opens the next. "
                "For triggers; no role calls it."
            ),
        ),
    ]
