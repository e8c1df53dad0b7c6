from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

SETTLE = """
DECLARE
  settled integer;
BEGIN
  -- In the order of their keys, each before its grant, as whoever decides does.
  WITH ended AS (
    SELECT i.id
    FROM audit_accessreviewitem i
    JOIN audit_accessreview r ON r.id = i.review_id
    JOIN accounts_rolegrant g ON g.id = i.grant_id
    WHERE i.verdict IS NULL AND r.status = 'open' AND upper(g.valid) <= statement_timestamp()
    ORDER BY i.id
    FOR UPDATE OF i
  )
  UPDATE audit_accessreviewitem i SET verdict = 'ended' FROM ended e WHERE i.id = e.id;
  GET DIAGNOSTICS settled = ROW_COUNT;
  RETURN settled;
END
"""

ERASE = """
DECLARE
  emptied integer;
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = person_id AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The person is not erased.' USING ERRCODE = 'check_violation';
  END IF;
  UPDATE audit_accessreviewitem i SET reason = '' WHERE i.holder_id = person_id AND i.reason <> '';
  GET DIAGNOSTICS emptied = ROW_COUNT;
  RETURN emptied;
END
"""


class Migration(migrations.Migration):
    """What settles access reviews by itself, and what an erasure empties in them."""

    dependencies = [("audit", "0012_retention")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "access_reviews_settle",
            "",
            "integer",
            SETTLE,
            definer=True,
            comment=(
                "Notes of undecided items of open access reviews that their grant has ended since; returns how many. "
                "For the worker and compliance."
            ),
        ),
        CreateFunction(
            "access_review_words_erase",
            "person_id uuid",
            "integer",
            ERASE,
            definer=True,
            comment=(
                "Empties the reasons in access reviews of an erased person's roles; returns how many. Refuses a person "
                "who is not erased. For compliance."
            ),
        ),
    ]
