"""What the database itself sees to about settlement files: they foot, follow one another, and leave no line over."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

LIVE = ("taken", "reconciled")
"""States of a file that adds up and follows the one before it."""

_LIVE = ", ".join(f"'{status}'" for status in LIVE)


class FollowsTheLast(Trigger):
    """A file that is live begins where the file that it follows ended; two files never follow the same one.

    The second half is a unique rule on `follows`, so that two at once are refused too.
    """

    name = "50_follow"
    words = "Refuses a live file that does not open with the closing balance of the file that it follows."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("status", "follows_id")

    def get_func(self, model: Any) -> str:
        return f"""
IF NEW.status IN ({_LIVE}) AND NEW.follows_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM billing_settlementfile f
  WHERE f.id = NEW.follows_id AND f.status IN ({_LIVE}) AND f.closing = NEW.opening
    AND f.provider_account_id = NEW.provider_account_id AND f.kind = NEW.kind
    AND f.account_reference = NEW.account_reference AND f.currency = NEW.currency
) THEN
  RAISE EXCEPTION 'The opening balance is not the closing balance of the file before it.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_settlementfile_follows', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class LinesOfOneTransaction(Trigger):
    """Lines come with their file, in its transaction; none is added later."""

    name = "50_come_with_file"
    words = "Refuses lines that are not written in the transaction of their file."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert
    level = pgtrigger.Statement
    referencing = pgtrigger.Referencing(new="added")

    def get_func(self, model: Any) -> str:
        return """
IF EXISTS (
  SELECT FROM (SELECT DISTINCT settlement_file_id FROM added) a
  JOIN billing_settlementfile f ON f.id = a.settlement_file_id
  WHERE f.xact <> pg_current_xact_id()
) THEN
  RAISE EXCEPTION 'The lines of a file are written with it, and none later.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_settlementline_whole', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""


class FileIsWhole(Trigger):
    """When the transaction ends, a new file has as many lines as it says, and they move what it says."""

    name = "60_be_whole"
    words = "Refuses, when the transaction ends, a file whose lines are not as many as it says or move something else."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert
    timing = pgtrigger.Deferred

    def get_func(self, model: Any) -> str:
        return """
IF NOT EXISTS (
  SELECT FROM billing_settlementline l WHERE l.settlement_file_id = NEW.id
  HAVING count(*) = NEW.line_count AND coalesce(sum(l.net), 0) = NEW.movement AND coalesce(sum(l.fee), 0) = NEW.fees
) THEN
  RAISE EXCEPTION 'The lines of the file are not those of which it tells.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_settlementfile_whole', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""


class CountsWhatWasDone(Trigger):
    """A reconciled file has no line over: the counts are those of the rows, whoever writes them."""

    name = "55_count"
    words = "Refuses counts of matched lines and exceptions that are not those of the rows, for a reconciled file."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("status", "matched_count", "exception_count")
    declare = (("matched", "bigint"), ("excepted", "bigint"))

    def get_func(self, model: Any) -> str:
        return """
IF NEW.status <> 'reconciled' THEN
  RETURN NEW;
END IF;
SELECT count(*) FILTER (WHERE m.id IS NOT NULL),
       count(*) FILTER (WHERE m.id IS NULL AND EXISTS (
         SELECT FROM billing_reconciliationexception e
         WHERE e.subject_id = l.id AND e.subject_type = 'billing.settlementline'
       ))
INTO matched, excepted
FROM billing_settlementline l LEFT JOIN billing_reconciliationmatch m ON m.line_id = l.id
WHERE l.settlement_file_id = NEW.id;
IF (NEW.matched_count, NEW.exception_count) IS DISTINCT FROM (matched, excepted) THEN
  RAISE EXCEPTION 'Of this file % lines are matched and % are exceptions.', matched, excepted
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_settlementfile_counts', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class MatchesWhatIsEqual(Trigger):
    """A line is matched with a row of the same amount, currency and account, in a file that adds up.

    Payouts may also stand on the statement of a bank, so their account is not asked for.

    Whatever else a kind of row asks for stands in its service; what is checked here is what must never be wrong.
    """

    name = "50_be_equal"
    words = (
        "Refuses to match a line with what has another amount, currency or account, or is of no known kind."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = (("found", "record"), ("equal", "boolean"))

    def get_func(self, model: Any) -> str:
        return f"""
SELECT l.gross, l.category, f.currency, f.status, f.provider_account_id INTO found
FROM billing_settlementline l JOIN billing_settlementfile f ON f.id = l.settlement_file_id
WHERE l.id = NEW.line_id;
IF found.status IS NULL OR found.status NOT IN ({_LIVE}) THEN
  RAISE EXCEPTION 'Lines are matched of a file that adds up.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_reconciliationmatch_file', TABLE = TG_TABLE_NAME;
END IF;
NEW.category := found.category;
equal := CASE NEW.subject_type
  WHEN 'billing.payment' THEN EXISTS (
    SELECT FROM billing_payment p WHERE p.id = NEW.subject_id AND p.currency = found.currency
      AND p.provider_account_id = found.provider_account_id AND p.captured_settled = found.gross)
  WHEN 'billing.refund' THEN EXISTS (
    SELECT FROM billing_refund r WHERE r.id = NEW.subject_id AND r.currency = found.currency
      AND r.provider_account_id = found.provider_account_id AND r.amount = -found.gross)
  WHEN 'billing.disputemovement' THEN EXISTS (
    SELECT FROM billing_disputemovement m WHERE m.id = NEW.subject_id AND m.currency = found.currency
      AND m.provider_account_id = found.provider_account_id AND m.amount = found.gross)
  WHEN 'billing.payout' THEN EXISTS (
    SELECT FROM billing_payout p WHERE p.id = NEW.subject_id AND p.currency = found.currency
      AND p.amount = CASE found.category WHEN 'payout_return' THEN found.gross ELSE -found.gross END)
  WHEN 'billing.settlementline' THEN EXISTS (
    SELECT FROM billing_settlementline o JOIN billing_settlementfile g ON g.id = o.settlement_file_id
    WHERE o.id = NEW.subject_id AND o.id <> NEW.line_id AND g.currency = found.currency AND o.gross = -found.gross
      AND g.status IN ({_LIVE}))
  ELSE false
END;
IF NOT equal THEN
  RAISE EXCEPTION 'A line is matched with what has the same amount and currency, at the same account.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_reconciliationmatch_equal', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class MovesTheCounts(Trigger):
    """A line of a reconciled file that is matched later is an exception no longer."""

    name = "60_move_counts"
    words = (
        "Counts a line of a reconciled file that is matched later as matched, and as an exception no longer."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert
    level = pgtrigger.Statement
    referencing = pgtrigger.Referencing(new="added")

    def get_func(self, model: Any) -> str:
        return """
UPDATE billing_settlementfile f
SET matched_count = f.matched_count + a.lines, exception_count = f.exception_count - a.lines
FROM (
  SELECT l.settlement_file_id, count(*) AS lines
  FROM added m JOIN billing_settlementline l ON l.id = m.line_id GROUP BY l.settlement_file_id
) a
WHERE f.id = a.settlement_file_id AND f.status = 'reconciled';
RETURN NULL;"""
