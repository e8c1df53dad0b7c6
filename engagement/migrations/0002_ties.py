from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

# The acting role stays visible inside of a function that runs with the owner's rights. People learn about themselves
# only: who blocked whom is nobody else's business.
ONLY_ABOUT_ONESELF = """
  IF coalesce(nullif(current_setting('role', true), 'none'), session_user) IN ('vbl_viewer', 'vbl_performer')
    AND {others} THEN
    RAISE EXCEPTION 'People ask about blocks of their own only.' USING ERRCODE = 'insufficient_privilege';
  END IF;
"""

ME = "nullif(current_setting('app.user_id', true), '')::uuid"

BLOCKED_BETWEEN = f"""
BEGIN
{ONLY_ABOUT_ONESELF.format(others=f"{ME} IS DISTINCT FROM one AND {ME} IS DISTINCT FROM other")}
  RETURN EXISTS (
    SELECT FROM engagement_block b WHERE b.blocker_id = one AND b.blocked_id = other AND b.ended_at IS NULL
  ) OR EXISTS (
    SELECT FROM engagement_block b WHERE b.blocker_id = other AND b.blocked_id = one AND b.ended_at IS NULL
  );
END
"""

BLOCKERS_OF = f"""
BEGIN
{ONLY_ABOUT_ONESELF.format(others=f"{ME} IS DISTINCT FROM person")}
  RETURN QUERY
    SELECT b.blocker_id FROM engagement_block b
    WHERE b.blocked_id = person AND b.blocker_id = ANY (among) AND b.ended_at IS NULL
    UNION
    SELECT b.blocked_id FROM engagement_block b
    WHERE b.blocker_id = person AND b.blocked_id = ANY (among) AND b.ended_at IS NULL;
END
"""


COUNTED = """
  SELECT 'performer'::text AS subject_type, f.performer_id AS subject, 'followers'::text AS kind, f.performer_id,
    count(*) AS counted
  FROM engagement_follow f WHERE f.ended_at IS NULL GROUP BY f.performer_id
  UNION ALL
  SELECT CASE WHEN f.archive_id IS NULL THEN 'performer' ELSE 'archive' END, coalesce(f.archive_id, f.performer_id),
    'favourites', f.performer_id, count(*)
  FROM engagement_favourite f WHERE f.performer_id IS NOT NULL GROUP BY f.archive_id, f.performer_id
  UNION ALL
  SELECT k.target_type, k.target, 'reactions', k.performer_id, count(*)
  FROM engagement_reactionkey k GROUP BY k.target_type, k.target, k.performer_id
  UNION ALL
  SELECT CASE WHEN s.stream_id IS NOT NULL THEN 'stream' WHEN s.archive_id IS NOT NULL THEN 'archive' ELSE 'performer' END,
    coalesce(s.stream_id, s.archive_id, s.performer_id), 'shares', s.performer_id, count(*)
  FROM engagement_share s GROUP BY s.stream_id, s.archive_id, s.performer_id
"""
"""What there is, counted from the rows themselves."""

FOLDED = "coalesce((SELECT max(c.until) FROM engagement_counterfold c), 0)"
SOURCED = "('followers', 'favourites', 'reactions', 'shares')"

DIFFERENCES = f"""
WITH counted AS ({COUNTED}), shown AS (
  SELECT a.subject_type, a.subject, a.kind, a.performer_id, sum(a.value)::bigint AS shown FROM (
    SELECT c.subject_type, c.subject, c.kind, c.performer_id, c.value FROM engagement_engagementcounter c
    WHERE c.kind IN {SOURCED}
    UNION ALL
    SELECT d.subject_type, d.subject, d.kind, d.performer_id, d.change FROM engagement_counterdelta d
    WHERE d.kind IN {SOURCED} AND d.moment >= {FOLDED}
  ) a GROUP BY a.subject_type, a.subject, a.kind, a.performer_id
)
SELECT subject_type, subject, kind, performer_id, coalesce(s.shown, 0), coalesce(c.counted, 0)
FROM counted c FULL JOIN shown s USING (subject_type, subject, kind, performer_id)
WHERE coalesce(s.shown, 0) <> coalesce(c.counted, 0)
ORDER BY subject, kind
"""

LOCK = "PERFORM pg_advisory_xact_lock(hashtext('engagement_counterfold'), 0);"

# A delta is final when no transaction runs that is older than its own: "up to the largest id" would pass by those that
# commit later. Only one fold at a time; nobody who appends waits for it.
FOLD = f"""
DECLARE
  first bigint;
  last bigint;
  taken integer;
  changed integer;
  epoch uuid;
BEGIN
  {LOCK}
  first := {FOLDED};
  SELECT e.id, e.shift + pg_snapshot_xmin(pg_current_snapshot())::text::bigint INTO epoch, last
  FROM billing_ledgerepoch e ORDER BY e.number DESC LIMIT 1;
  WITH sums AS (
    SELECT d.subject_type, d.subject, d.kind, (array_agg(d.performer_id ORDER BY d.id))[1] AS performer_id,
      sum(d.change)::bigint AS change, count(*) AS deltas
    FROM engagement_counterdelta d WHERE d.moment >= first AND d.moment < last
    GROUP BY d.subject_type, d.subject, d.kind
  ), folded AS (
    INSERT INTO engagement_engagementcounter AS c (id, subject_type, subject, kind, performer_id, value, folded_at)
    SELECT uuidv7(), s.subject_type, s.subject, s.kind, s.performer_id, s.change, statement_timestamp()
    FROM sums s ORDER BY s.subject, s.kind
    ON CONFLICT (subject, kind, subject_type)
    DO UPDATE SET value = c.value + excluded.value, folded_at = excluded.folded_at
    RETURNING 1
  )
  SELECT (SELECT coalesce(sum(s.deltas), 0) FROM sums s), (SELECT count(*) FROM folded) INTO taken, changed;
  IF taken > 0 THEN
    INSERT INTO engagement_counterfold (id, since, until, deltas, counters, epoch_id, folded_at)
    VALUES (uuidv7(), first, last, taken, changed, epoch, statement_timestamp());
  END IF;
  RETURN taken;
END
"""

CORRECT = f"""
DECLARE
  corrected integer;
BEGIN
  {LOCK}
  INSERT INTO engagement_counterdelta (id, subject_type, subject, kind, performer_id, change, is_correction)
  SELECT uuidv7(), d.subject_type, d.subject, d.kind, d.performer_id, d.counted - d.shown, true
  FROM engagement_counters_differences() d;
  GET DIAGNOSTICS corrected = ROW_COUNT;
  RETURN corrected;
END
"""

RECORD = f"""
BEGIN
  IF kinds && ARRAY{list(("followers", "favourites", "reactions", "shares"))!r} THEN
    RAISE EXCEPTION 'Followers, favourites, reactions and shares count themselves.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_counterdelta_kept';
  END IF;
  IF EXISTS (
    SELECT FROM unnest(performers) AS u (performer)
    WHERE NOT EXISTS (SELECT FROM performers_performerprofile p WHERE p.id = u.performer)
  ) THEN
    RAISE EXCEPTION 'A counter is of a performer who is there.'
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'engagement_counterdelta_there';
  END IF;
  IF EXISTS (
    SELECT FROM unnest(subject_types, subjects, performers) AS u (subject_type, subject, performer)
    WHERE NOT CASE u.subject_type
      WHEN 'performer' THEN u.subject = u.performer
      WHEN 'stream' THEN EXISTS (
        SELECT FROM streams_stream s WHERE s.id = u.subject AND s.performer_id = u.performer)
      WHEN 'archive' THEN EXISTS (
        SELECT FROM streams_archive a WHERE a.id = u.subject AND a.performer_id = u.performer)
      WHEN 'room' THEN EXISTS (
        SELECT FROM engagement_chatroom r WHERE r.id = u.subject AND r.performer_id = u.performer)
      ELSE true END
  ) THEN
    RAISE EXCEPTION 'A counter is of something that is there and is of the performer who is named.'
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'engagement_counterdelta_hers';
  END IF;
  INSERT INTO engagement_counterdelta (id, subject_type, subject, kind, performer_id, change, is_correction)
  SELECT uuidv7(), u.subject_type, u.subject, u.kind, u.performer, sum(u.change), false
  FROM unnest(subject_types, subjects, kinds, changes, performers) AS u (subject_type, subject, kind, change, performer)
  GROUP BY u.subject_type, u.subject, u.kind, u.performer HAVING sum(u.change) <> 0;
END
"""

GONE = (
    ("engagement_follow", "t.user_id = person_id"),
    ("engagement_block", "t.blocker_id = person_id"),
    ("engagement_favourite", "t.user_id = person_id"),
    ("engagement_mute", "t.muter_id = person_id"),
    ("engagement_reaction", "t.user_id = person_id"),
    ("engagement_reactionkey", "t.user_id = person_id"),
    ("engagement_share", "t.user_id = person_id"),
)
"""Rows that go: table, which rows."""

KEPT = (
    ("engagement_follow", "t.performer_id = $1"),
    ("engagement_block", "t.blocked_id = $1"),
    ("engagement_mute", "t.person_id = $1"),
)
"""Rows of others about the person: they end, and go when their time is over."""

# $1 is the person: a table has a column of the parameter's name.
ENDED = """
  UPDATE engagement_follow t SET ended_at = now(), end_cause = 'gone' WHERE t.performer_id = $1 AND t.ended_at IS NULL;
  UPDATE engagement_block t SET ended_at = now() WHERE t.blocked_id = $1 AND t.ended_at IS NULL;
  UPDATE engagement_mute t SET expires_at = greatest(now(), t.created_at + interval '1 second')
  WHERE t.person_id = $1 AND (t.expires_at IS NULL OR t.expires_at > now());
"""


def _counts(rows):
    lines = (f"    '{table}', (SELECT count(*) FROM {table} t WHERE {which})" for table, which in rows)
    return "jsonb_build_object(\n" + ",\n".join(lines) + "\n  )"


TELL = f"""
  destroyed := {_counts(GONE)};
  kept := {_counts(KEPT)};
"""

SURVEY = f"""
BEGIN{TELL.replace("person_id", "$1").replace("t.$1", "t.person_id")}  RETURN NEXT;
END
"""

ERASE = "\n".join(
    (
        """
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = $1 AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The person is not erased.' USING ERRCODE = 'check_violation';
  END IF;""",
        TELL.strip("\n").replace("person_id", "$1").replace("t.$1", "t.person_id"),
        ENDED.strip("\n"),
        *(f"  DELETE FROM {table} t WHERE {which.replace('person_id', '$1')};" for table, which in GONE),
        "  RETURN NEXT;\nEND\n",
    )
)

REPORT = "TABLE (destroyed jsonb, kept jsonb)"


class Migration(migrations.Migration):
    """What follows, blocks, reactions and counters ask of the database."""

    dependencies = [("engagement", "0001_engagement")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "engagement_blocked_between",
            "one uuid, other uuid",
            "boolean",
            BLOCKED_BETWEEN,
            definer=True,
            volatility="stable",
            comment=(
                "Whether one of two people has blocked the other. Viewers and performers are answered about themselves "
                "only; everything that one person does to another asks."
            ),
        ),
        CreateFunction(
            "engagement_blockers_of",
            "person uuid, among uuid[]",
            "SETOF uuid",
            BLOCKERS_OF,
            definer=True,
            volatility="stable",
            comment=(
                "Those of many people who blocked a person or were blocked by them. Viewers and performers are answered "
                "about themselves only."
            ),
        ),
        CreateFunction(
            "engagement_counters_differences",
            "",
            "TABLE (subject_type text, subject uuid, kind text, performer_id uuid, shown bigint, counted bigint)",
            DIFFERENCES,
            language="sql",
            definer=True,
            volatility="stable",
            comment=(
                "Counters of followers, favourites, reactions and shares that are not the number of their rows, with "
                "both figures; what is not folded yet counts as shown. For the worker."
            ),
        ),
        CreateFunction(
            "engagement_counters_fold",
            "",
            "integer",
            FOLD,
            definer=True,
            comment=(
                "Adds to the counters what was appended since the last fold and is final; returns how many deltas. "
                "One at a time, nobody who appends waits. For the worker."
            ),
        ),
        CreateFunction(
            "engagement_counters_correct",
            "",
            "integer",
            CORRECT,
            definer=True,
            comment=(
                "Appends corrections of the counters that have drifted, which the next fold adds; returns how many. "
                "For the worker."
            ),
        ),
        CreateFunction(
            "engagement_counters_record",
            "subject_types text[], subjects uuid[], kinds text[], changes integer[], performers uuid[]",
            "void",
            RECORD,
            definer=True,
            comment=(
                "Appends changes of counters in one statement; refuses the kinds that triggers count, and what is not the "
                "performer's. For services, in the transaction in which it happens."
            ),
        ),
        CreateFunction(
            "engagement_ties_survey",
            "person_id uuid",
            REPORT,
            SURVEY,
            definer=True,
            volatility="stable",
            comment=(
                "How many ties of a person an erasure would destroy, and how many of others about the person it would "
                "end; changes nothing. For compliance."
            ),
        ),
        CreateFunction(
            "engagement_ties_erase",
            "person_id uuid",
            REPORT,
            ERASE,
            definer=True,
            comment=(
                "Destroys the ties of an erased person and ends those of others to the person; returns what it did. "
                "Refuses a person who is not erased. For compliance."
            ),
        ),
    ]
