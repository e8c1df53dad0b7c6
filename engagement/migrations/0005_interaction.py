from importlib import import_module

from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations


def landed(name):
    """The function as billing made it: a question to which this floor has the answer."""
    operations = import_module("billing.migrations.0008_spends_told").Migration.operations
    return next(operation for operation in operations if getattr(operation, "name", None) == name)


MADE, TAKEN_BACK = landed("billing_spends_made"), landed("billing_spends_taken_back")

COUNTS = """
FROM billing_tokenspend s
JOIN engagement_goal g ON g.performer_id = s.performer_id
  AND s.spent_at >= g.opened_at AND (g.closed_at IS NULL OR s.spent_at < g.closed_at)
  AND (g.ends_at IS NULL OR s.spent_at < g.ends_at)
  AND (g.stream_id IS NULL OR g.stream_id = s.stream_id)
WHERE s.kind = 'tip'
"""

CONTRIBUTE = f"""
INSERT INTO engagement_goalcontribution (id, goal_id, performer_id, spend_id, tokens)
SELECT uuidv7(), g.id, s.performer_id, s.id, s.tokens {COUNTS} AND %s
ON CONFLICT DO NOTHING
"""

SPENDS_MADE = f"""
DECLARE
  counted integer;
  shown integer;
BEGIN
  -- The minutes of a private show are owed for what was shown; ending the show is what a block does there.
  IF EXISTS (
    SELECT FROM billing_tokenspend s
    WHERE s.id = ANY (spend_ids) AND s.kind <> 'private_show'
      AND engagement_blocked_between(s.viewer_id, s.performer_id)
  ) THEN
    RAISE EXCEPTION 'You cannot give tokens to this performer.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_tokenspend_blocked', TABLE = 'billing_tokenspend';
  END IF;
  {CONTRIBUTE % "s.id = ANY (spend_ids)"};
  GET DIAGNOSTICS counted = ROW_COUNT;
  INSERT INTO engagement_giftsent
    (id, entry_id, performer_id, sender_id, stream_id, gift_item_id, quantity, tokens, sent_at)
  SELECT uuidv7(), s.entry_id, s.performer_id, s.viewer_id, s.stream_id, s.gift_item_id, s.quantity, s.tokens, s.spent_at
  FROM billing_tokenspend s WHERE s.id = ANY (spend_ids) AND s.kind = 'gift';
  GET DIAGNOSTICS shown = ROW_COUNT;
  RETURN counted + shown;
END
"""

SPENDS_TAKEN_BACK = """
DECLARE
  counted integer;
BEGIN
  INSERT INTO engagement_goalcontribution (id, goal_id, performer_id, spend_id, reversal_id, tokens)
  SELECT uuidv7(), c.goal_id, c.performer_id, c.spend_id, v.id, -c.tokens
  FROM billing_spendreversal v
  JOIN engagement_goalcontribution c ON c.spend_id = v.spend_id AND c.reversal_id IS NULL
  WHERE v.id = ANY (reversal_ids)
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS counted = ROW_COUNT;
  RETURN counted;
END
"""

TOTALS = """
SELECT g.id, (g.counted_tokens + coalesce((
  SELECT sum(c.tokens) FROM engagement_goalcontribution c WHERE c.goal_id = g.id AND NOT c.is_folded
), 0))::bigint
FROM engagement_goal g WHERE g.id = ANY (goal_ids)
"""

# One statement: what is marked is what is added, and a contribution that somebody else folds right now is left to them.
FOLD = """
WITH picked AS (
  SELECT c.id FROM engagement_goalcontribution c WHERE NOT c.is_folded
  ORDER BY c.goal_id, c.id LIMIT most FOR UPDATE SKIP LOCKED
), folded AS (
  UPDATE engagement_goalcontribution c SET is_folded = true FROM picked WHERE c.id = picked.id
  RETURNING c.goal_id, c.tokens
), sums AS (
  SELECT f.goal_id, sum(f.tokens) AS tokens, count(*) AS contributions FROM folded f GROUP BY f.goal_id
), locked AS (
  SELECT g.id FROM engagement_goal g WHERE g.id IN (SELECT s.goal_id FROM sums s) ORDER BY g.id FOR NO KEY UPDATE
), moved AS (
  UPDATE engagement_goal g SET counted_tokens = g.counted_tokens + s.tokens
  FROM sums s JOIN locked l ON l.id = s.goal_id WHERE g.id = s.goal_id
  RETURNING s.contributions
)
SELECT coalesce(sum(m.contributions), 0)::integer FROM moved m
"""

RECONCILE = f"""
DECLARE
  missed integer;
BEGIN
  {CONTRIBUTE % "g.opened_at >= since"};
  GET DIAGNOSTICS missed = ROW_COUNT;
  RETURN missed;
END
"""

WRONG = f"""
SELECT g.id, g.counted_tokens, given.folded, given.total, tipped.tokens
FROM engagement_goal g
CROSS JOIN LATERAL (
  SELECT coalesce(sum(c.tokens) FILTER (WHERE c.is_folded), 0)::bigint AS folded,
    coalesce(sum(c.tokens), 0)::bigint AS total
  FROM engagement_goalcontribution c WHERE c.goal_id = g.id
) given
CROSS JOIN LATERAL (
  SELECT coalesce(sum(s.tokens), 0)::bigint AS tokens
  FROM (
    SELECT s.id, s.tokens {COUNTS.replace("JOIN engagement_goal g ON", "JOIN (SELECT g.*) g ON")}
    UNION
    -- Tips that saw the goal open although it was being closed count too.
    SELECT s.id, s.tokens FROM billing_tokenspend s
    WHERE s.id IN (SELECT c.spend_id FROM engagement_goalcontribution c WHERE c.goal_id = g.id)
  ) s
  WHERE NOT EXISTS (SELECT FROM billing_spendreversal v WHERE v.spend_id = s.id)
) tipped
WHERE g.counted_tokens <> given.folded OR given.total <> tipped.tokens
"""

RESULTS = """
SELECT c.id, coalesce(c.votes, (SELECT count(*) FROM engagement_pollvote v WHERE v.choice_id = c.id))
FROM engagement_pollchoice c WHERE c.poll_id = poll ORDER BY c.position
"""

# What an erasure does to the tables of this area: table, what is set, which rows still need it.
EMPTIED = (
    ("engagement_tipmessage", "body = 'Erased'", "t.sender_id = person_id AND t.body <> 'Erased'"),
    (
        "engagement_redemption",
        "words = CASE WHEN t.viewer_id = person_id AND t.words <> '' THEN 'Erased' ELSE t.words END, answer = ''",
        "person_id IN (t.viewer_id, t.performer_id) "
        "AND (t.answer <> '' OR t.viewer_id = person_id AND t.words NOT IN ('', 'Erased'))",
    ),
    (
        "engagement_reward",
        "title = 'Erased', description = '', retired_at = coalesce(t.retired_at, now())",
        "t.performer_id = person_id AND (t.title <> 'Erased' OR t.description <> '' OR t.retired_at IS NULL)",
    ),
    (
        "engagement_goal",
        "title = 'Erased', status = CASE WHEN t.status = 'open' THEN 'cancelled' ELSE t.status END",
        "t.performer_id = person_id AND (t.title <> 'Erased' OR t.status = 'open')",
    ),
    (
        "engagement_poll",
        "question = 'Erased', status = CASE WHEN t.status = 'open' THEN 'cancelled' ELSE t.status END",
        "t.performer_id = person_id AND (t.question <> 'Erased' OR t.status = 'open')",
    ),
    (
        "engagement_pollchoice",
        "label = 'Erased ' || t.position",
        "t.performer_id = person_id AND t.label <> 'Erased ' || t.position",
    ),
    (
        "engagement_tipmenuitem",
        "label = 'Erased', retired_at = coalesce(t.retired_at, now())",
        "t.performer_id = person_id AND (t.label <> 'Erased' OR t.retired_at IS NULL)",
    ),
)

GONE = (
    ("engagement_pollvote", "t.voter_id = person_id"),
    ("engagement_historicalreward", "t.performer_id = person_id"),
    ("engagement_historicalgoal", "t.performer_id = person_id"),
    ("engagement_historicaltipmenuitem", "t.performer_id = person_id"),
)

KEPT = (
    ("engagement_raid", "person_id IN (t.performer_id, t.target_id)"),
    ("engagement_goal", "t.performer_id = person_id"),
    ("engagement_goalcontribution", "t.performer_id = person_id"),
    ("engagement_poll", "t.performer_id = person_id"),
    ("engagement_pollchoice", "t.performer_id = person_id"),
    ("engagement_reward", "t.performer_id = person_id"),
    ("engagement_redemption", "person_id IN (t.viewer_id, t.performer_id)"),
    ("engagement_tipmenuitem", "t.performer_id = person_id"),
    ("engagement_tipmessage", "person_id IN (t.sender_id, t.performer_id)"),
    ("engagement_giftsent", "person_id IN (t.sender_id, t.performer_id)"),
)


def counts(rows):
    """SQL of an object with the number of rows by table."""
    return ", ".join(f"'{table}', (SELECT count(*) FROM {table} t WHERE {which})" for table, which in rows)


SURVEY = f"""
BEGIN
  destroyed := jsonb_build_object({counts([*((table, which) for table, _, which in EMPTIED), *GONE])});
  kept := jsonb_build_object({counts(KEPT)});
  RETURN NEXT;
END
"""

ERASE = f"""
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = person_id AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The person is not erased.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_interaction_erase_erased';
  END IF;
  SELECT s.destroyed, s.kept INTO destroyed, kept FROM engagement_interaction_survey(person_id) s;
  {" ".join(f"UPDATE {table} t SET {what} WHERE {which};" for table, what, which in EMPTIED)}
  {" ".join(f"DELETE FROM {table} t WHERE {which};" for table, which in GONE)}
  RETURN NEXT;
END
"""


class Migration(migrations.Migration):
    """What hangs on tips and gifts, totals of goals, results of polls, and what goes with an erased person."""

    dependencies = [("engagement", "0004_messages"), ("billing", "0008_spends_told")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "engagement_goal_totals",
            "goal_ids uuid[]",
            "TABLE (goal_id uuid, tokens bigint)",
            TOTALS,
            language="sql",
            volatility="stable",
            definer=True,
            comment=(
                "How many tokens count for these goals now: what is folded and what is not yet. Tells no tip and nobody "
                "who tipped. For everybody who may look at goals."
            ),
        ),
        CreateFunction(
            "engagement_goals_fold",
            "most integer",
            "integer",
            FOLD,
            language="sql",
            definer=True,
            comment=(
                "Adds up to so many contributions to the goals for which they count and marks them; returns how many. "
                "Several workers may share the work. For the worker."
            ),
        ),
        CreateFunction(
            "engagement_goals_reconcile",
            "since timestamptz",
            "integer",
            RECONCILE,
            definer=True,
            comment=(
                "Counts tips for goals opened since then that were missed, because the goal was being opened while they "
                "were written; returns how many. Does nothing twice. For the worker."
            ),
        ),
        CreateFunction(
            "engagement_goals_wrong",
            "",
            "TABLE (goal_id uuid, counted bigint, folded bigint, contributed bigint, tipped bigint)",
            WRONG,
            language="sql",
            volatility="stable",
            definer=True,
            comment=(
                "Goals whose total is not the sum of their contributions, or whose contributions are not the tips that "
                "were given in their time and not taken back, made anew from all rows; none, if all is well."
            ),
        ),
        CreateFunction(
            "engagement_poll_results",
            "poll uuid",
            "TABLE (choice_id uuid, votes bigint)",
            RESULTS,
            language="sql",
            volatility="stable",
            definer=True,
            comment=(
                "How many votes every choice of a poll has, in the order of the choices. Tells nobody who voted. For "
                "everybody who may look at polls."
            ),
        ),
        CreateFunction(
            "billing_spends_made",
            MADE.arguments,
            MADE.returns,
            SPENDS_MADE,
            definer=True,
            comment=(
                "Refuses spends between people of whom one blocked the other, counts tips for the goals that were open "
                "when they were given, and shows gifts; returns how many rows it wrote. Called by the statement that "
                "writes spends."
            ),
            previous=MADE,
        ),
        CreateFunction(
            "billing_spends_taken_back",
            TAKEN_BACK.arguments,
            TAKEN_BACK.returns,
            SPENDS_TAKEN_BACK,
            definer=True,
            comment=(
                "Counts tips that were taken back against the goals for which they counted; returns how many rows it "
                "wrote. Called by the statement that writes reversals."
            ),
            previous=TAKEN_BACK,
        ),
        CreateFunction(
            "engagement_interaction_survey",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            SURVEY,
            definer=True,
            volatility="stable",
            comment=(
                "How many rows about raids, goals, polls, rewards and tips of a person an erasure would empty or delete, "
                "and how many it would keep; changes nothing. For compliance."
            ),
        ),
        CreateFunction(
            "engagement_interaction_erase",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            ERASE,
            definer=True,
            comment=(
                "Empties what an erased person said or called something, deletes votes, and closes what was open. Refuses "
                "a person who is not erased; does nothing twice. For compliance."
            ),
        ),
    ]
