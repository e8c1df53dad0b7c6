from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

HORIZON = """
  SELECT e.shift + pg_snapshot_xmin(pg_current_snapshot())::text::bigint
  FROM billing_ledgerepoch e ORDER BY e.number DESC LIMIT 1
"""

LAG = """
  SELECT extract(epoch FROM statement_timestamp() - min(s.caught_up_at))::double precision
  FROM analytics_rollupstate s
"""

TOUCH = """
  INSERT INTO analytics_rolluptouch (id, rollup, subject, start) VALUES (uuidv7(), $1, $2, $3)
"""

STUB = "SELECT"

CHANGED = """
  INSERT INTO analytics_rolluptouch (id, rollup, subject, start)
  SELECT uuidv7(), m.rollup,
    CASE WHEN m.is_platform THEN '00000000-0000-0000-0000-000000000000'::uuid ELSE $2 END,
    date_trunc(m.grain, $3, 'UTC')
  FROM analytics_rollupsource m WHERE m.source = $1
"""

REPORT = "TABLE (links integer, events integer, sessions integer)"

# All events of a play have the first 48 bits of its id: a range of the primary key, in the partition of its day.
OF_PLAY = """
      WHERE e.id >= (left(play::text, 13) || '-7000-8000-000000000000')::uuid
        AND e.id <= (left(play::text, 13) || '-7fff-bfff-ffffffffffff')::uuid AND e.playback = play
"""

SURVEY = f"""
DECLARE
  play uuid;
BEGIN
  links := 0; events := 0; sessions := 0;
  FOR play IN SELECT v.id FROM analytics_playbackviewer v WHERE v.user_id = $1 LOOP
    links := links + 1;
    events := events + (SELECT count(*) FROM analytics_playbackevent e {OF_PLAY});
    sessions := sessions + (SELECT count(*) FROM analytics_viewersession s WHERE s.id = play);
  END LOOP;
  RETURN NEXT;
END
"""

# The same old key gets the same new one, so that a viewer of several plays stays one viewer: sums stay as they are.
ERASE = f"""
DECLARE
  play uuid;
  changed integer;
  plays uuid[];
  olds uuid[];
  news uuid[];
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = $1 AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The person is not erased.' USING ERRCODE = 'check_violation';
  END IF;
  links := 0; events := 0; sessions := 0;
  plays := ARRAY(SELECT v.id FROM analytics_playbackviewer v WHERE v.user_id = $1 ORDER BY v.id);
  FOREACH play IN ARRAY plays LOOP
    olds := olds || ARRAY(
      SELECT DISTINCT k.key FROM analytics_playbackevent e, unnest(ARRAY[e.day_key, e.stream_key]) k (key) {OF_PLAY}
    ) || ARRAY(
      SELECT k.key FROM analytics_viewersession s, unnest(ARRAY[s.day_key, s.stream_key]) k (key) WHERE s.id = play
    );
  END LOOP;
  olds := ARRAY(SELECT DISTINCT o.key FROM unnest(olds) o (key));
  news := ARRAY(SELECT gen_random_uuid() FROM unnest(olds));
  FOREACH play IN ARRAY plays LOOP
    UPDATE analytics_playbackevent e SET
      day_key = news[array_position(olds, e.day_key)], stream_key = news[array_position(olds, e.stream_key)]
    {OF_PLAY};
    GET DIAGNOSTICS changed = ROW_COUNT;
    events := events + changed;
    UPDATE analytics_viewersession s SET
      day_key = news[array_position(olds, s.day_key)], stream_key = news[array_position(olds, s.stream_key)]
    WHERE s.id = play;
    GET DIAGNOSTICS changed = ROW_COUNT;
    sessions := sessions + changed;
    -- A run that is under way has read the old keys: the play is computed once more.
    PERFORM analytics_touch('viewer_session', play, date_trunc('day', uuid_extract_timestamp(play), 'UTC'));
  END LOOP;
  DELETE FROM analytics_playbackviewer v WHERE v.user_id = $1;
  GET DIAGNOSTICS links = ROW_COUNT;
  RETURN NEXT;
END
"""


def _figures_changed(body, comment, previous=None):
    return CreateFunction(
        "figures_changed",
        "source text, subject uuid, at timestamp with time zone",
        "void",
        body,
        language="sql",
        definer=True,
        comment=comment,
        previous=previous,
    )


class Migration(migrations.Migration):
    """Sources tell of what changed, and roll-ups know what is final."""

    dependencies = [
        ("analytics", "0001_analytics"),
        ("billing", "0002_ledger_functions"),
        ("core", "0009_figures"),
    ]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "analytics_horizon",
            "",
            "bigint",
            HORIZON,
            language="sql",
            definer=True,
            comment=(
                "The moment of the ledger's time before which no transaction runs any more: what was touched before it "
                "is final. For the worker."
            ),
        ),
        CreateFunction(
            "analytics_rollup_lag",
            "",
            "double precision",
            LAG,
            language="sql",
            definer=True,
            volatility="stable",
            comment="Seconds since the roll-up that is furthest behind had caught up; null: none ran yet. For health.",
        ),
        CreateFunction(
            "analytics_touch",
            "rollup text, subject uuid, start timestamp with time zone",
            "void",
            TOUCH,
            language="sql",
            definer=True,
            comment="Has one bucket of a roll-up computed anew by its next run. For triggers and the worker.",
        ),
        _figures_changed(
            CHANGED,
            "Told of each subject and hour of which something that is counted changed: touches the buckets of the "
            "roll-ups that count it, as analytics_rollupsource says. For triggers and the worker.",
            previous=_figures_changed(
                STUB, "Told of each subject and hour of which something that is counted changed. Here: nothing."
            ),
        ),
        CreateFunction(
            "analytics_playback_survey",
            "person_id uuid",
            REPORT,
            SURVEY,
            definer=True,
            volatility="stable",
            comment=(
                "How many links to plays of a person an erasure would destroy, and in how many events and sessions it "
                "would replace the person's keys; changes nothing. For compliance."
            ),
        ),
        CreateFunction(
            "analytics_playback_erase",
            "person_id uuid",
            REPORT,
            ERASE,
            definer=True,
            comment=(
                "Replaces the keys of an erased person by random ones and destroys the links to their plays; returns "
                "what it did. Refuses a person who is not erased. For compliance."
            ),
        ),
    ]
