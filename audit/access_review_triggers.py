"""Triggers of access reviews: what is frozen when one opens, who decides, and when it may close."""

from typing import Any

import pgtrigger

from audit.filing_triggers import refusal
from billing.payment_triggers import ACTS
from core.db.triggers import Trigger

REVIEW, ITEM = "audit_accessreview", "audit_accessreviewitem"
DAYS_TO_DECIDE = 30
"""So long a review is open before it is overdue."""


class BeginsQuarter(Trigger):
    """A review is of the quarter in which it is opened, of what is in force at that instant."""

    name = "15_begin"
    words = "Takes quarter, name, cut-off and due date from the clock of the database, and whoever opens it."
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
NEW.cut_off := clock_timestamp();
NEW.quarter := date_trunc('quarter', NEW.cut_off AT TIME ZONE 'UTC')::date;
NEW.name := to_char(NEW.quarter, 'YYYY"-Q"Q');
NEW.due_at := NEW.cut_off + interval '{DAYS_TO_DECIDE} days';
NEW.opened_by_id := {ACTS};
NEW.item_count := 0;
NEW.closed_by_id := NULL;
NEW.closed_at := NULL;
NEW.overdue_told_at := NULL;
RETURN NEW;"""


class FreezesGrants(Trigger):
    """Every grant in force at the cut-off becomes an item, in the statement that opens the review."""

    name = "85_freeze"
    words = (
        "Writes an item for every grant of a role in force at the cut-off, with when the role was last used by the "
        "trail, and counts them."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
INSERT INTO audit_accessreviewitem
  (id, review_id, grant_id, holder_id, role, granted_by_id, granted_at, granted_until, last_used_at)
SELECT uuidv7(), NEW.id, g.id, g.user_id, g.role, g.grantor_id, lower(g.valid), upper(g.valid), used.at
FROM accounts_rolegrant g
LEFT JOIN LATERAL (
  SELECT uuid_extract_timestamp(e.id) AS at FROM audit_event e
  WHERE e.actor_id = g.user_id AND e.acting_role = g.role AND e.id >= uuidv7(interval '-1 year')
  ORDER BY e.id DESC LIMIT 1
) used ON true
WHERE g.valid @> NEW.cut_off
ORDER BY g.id;
UPDATE audit_accessreview r
SET item_count = (SELECT count(*) FROM audit_accessreviewitem i WHERE i.review_id = NEW.id)
WHERE r.id = NEW.id;
RETURN NULL;"""


class ClosesDecided(Trigger):
    """A review closes when every item is decided, in the name of somebody who decided none of them."""

    name = "46_close"
    words = (
        "Takes who closes from whoever acts; refuses while an item is undecided, to whoever decided one, and any "
        "change of what was frozen or of a closed review."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        kept = ("quarter", "name", "cut_off", "due_at", "opened_by_id")
        new, old = (", ".join(f"{row}.{column}" for column in kept) for row in ("NEW", "OLD"))
        return f"""
IF ROW({new}) IS DISTINCT FROM ROW({old}) OR OLD.item_count <> 0 AND NEW.item_count <> OLD.item_count THEN
  {refusal("What a review was opened with is frozen.", "frozen", REVIEW)}
END IF;
IF NEW.status = OLD.status THEN
  IF ROW(NEW.closed_by_id, NEW.closed_at) IS DISTINCT FROM ROW(OLD.closed_by_id, OLD.closed_at) THEN
    {refusal("Who closed a review, and when, is never rewritten.", "frozen", REVIEW)}
  END IF;
  RETURN NEW;
END IF;
IF {ACTS} IS NULL THEN
  {refusal("A review is closed by a person.", "person", REVIEW)}
END IF;
IF EXISTS (SELECT FROM audit_accessreviewitem i WHERE i.review_id = NEW.id AND i.verdict IS NULL) THEN
  {refusal("Something is undecided. A review closes when every grant is kept or withdrawn.", "undecided", REVIEW)}
END IF;
IF EXISTS (SELECT FROM audit_accessreviewitem i WHERE i.review_id = NEW.id AND i.decided_by_id = {ACTS}) THEN
  {refusal("Who decided in a review does not sign it off. Ask a colleague.", "four_eyes", REVIEW)}
END IF;
NEW.closed_by_id := {ACTS};
NEW.closed_at := clock_timestamp();
RETURN NEW;"""


class DecidesOnce(Trigger):
    """An item is decided once, by somebody else than its holder, while the review is open, and as the grant stands."""

    name = "46_decide"
    words = (
        "Takes who decides from whoever acts; refuses a decision about oneself, a second one, one in a closed review, "
        "to keep what has ended, and to call withdrawn what this transaction did not revoke."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update
    declare = (("v_valid", "tstzrange"), ("v_changed", "timestamptz"), ("v_status", "text"))

    def get_func(self, model: Any) -> str:
        return f"""
IF OLD.verdict IS NOT NULL THEN
  IF NEW.verdict = OLD.verdict AND OLD.reason <> '' AND NEW.reason = ''
    AND ROW(NEW.decided_by_id, NEW.decided_at) IS NOT DISTINCT FROM ROW(OLD.decided_by_id, OLD.decided_at)
    AND EXISTS (SELECT FROM accounts_user u WHERE u.id = NEW.holder_id AND u.erased_at IS NOT NULL) THEN
    RETURN NEW;
  END IF;
  {refusal("This was decided already. A role is revoked on the page of the grant.", "once", ITEM)}
END IF;
IF NEW.verdict IS NULL THEN
  {refusal("An item changes by its decision alone.", "once", ITEM)}
END IF;
SELECT r.status INTO v_status FROM audit_accessreview r WHERE r.id = NEW.review_id FOR SHARE;
IF v_status <> 'open' THEN
  {refusal("This review is closed.", "open", ITEM)}
END IF;
IF NEW.holder_id = {ACTS} AND NEW.verdict <> 'ended' THEN
  {refusal("Nobody decides about their own role. Ask another administrator.", "own", ITEM)}
END IF;
SELECT g.valid, g.updated_at INTO v_valid, v_changed FROM accounts_rolegrant g WHERE g.id = NEW.grant_id FOR SHARE;
IF NEW.verdict = 'keep' AND NOT v_valid @> clock_timestamp() THEN
  {refusal("This grant has ended since; there is nothing to keep. It is noted within the hour.", "ended", ITEM)}
END IF;
IF NEW.verdict <> 'keep' AND v_valid @> clock_timestamp() THEN
  {refusal("This grant is in force. Keep it, or withdraw it, which revokes it.", "in_force", ITEM)}
END IF;
IF NEW.verdict = 'withdraw' AND v_changed <> now() THEN
  {refusal("To withdraw is to revoke, at the same moment; this grant had ended before.", "revoked", ITEM)}
END IF;
IF NEW.verdict = 'ended' THEN
  NEW.decided_by_id := NULL;
ELSIF {ACTS} IS NULL THEN
  {refusal("A role is kept or withdrawn by a person.", "person", ITEM)}
ELSIF length(btrim(NEW.reason)) < 3 THEN
  {refusal("Say why the role is kept or withdrawn.", "reason", ITEM)}
ELSE
  NEW.decided_by_id := {ACTS};
END IF;
NEW.decided_at := clock_timestamp();
RETURN NEW;"""
