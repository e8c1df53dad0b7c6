"""Triggers of disputes: what belongs together, what is sent once, what holds, and how facts meet the ledger."""

from typing import Any

import pgtrigger

from billing.payment_triggers import ACTS
from core.db.triggers import Trigger


class DisputesItsPayment(Trigger):
    """A dispute is about a payment of its own payer and account. Its currency is whatever the provider says."""

    name = "50_match_payment"
    words = "Refuses a dispute whose payer or account is not that of its payment."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
IF NOT EXISTS (
  SELECT FROM billing_payment p
  WHERE p.id = NEW.payment_id AND p.user_id = NEW.user_id AND p.provider_account_id = NEW.provider_account_id
) THEN
  RAISE EXCEPTION 'A dispute is about a payment of its payer, through its account.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_dispute_payment', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class SubmitsOnce(Trigger):
    """Evidence goes out once, in the name of whoever acts, before its time is over, and there is some.

    What was sent is sent again only if the provider refused it; a known reference is kept.
    """

    name = "45_submit"
    words = (
        "Refuses to submit evidence twice, too late, for somebody else or without any, and to change the reference of "
        "a dispute once it is known."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return f"""
IF OLD.provider_reference IS NOT NULL AND NEW.provider_reference IS DISTINCT FROM OLD.provider_reference THEN
  RAISE EXCEPTION 'The reference of a dispute is kept.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_dispute_reference', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.submission = 'sent' AND OLD.submission <> 'sent' THEN
  IF NEW.submitted_by_id IS DISTINCT FROM {ACTS} OR NEW.submitted_by_id IS NULL THEN
    RAISE EXCEPTION 'Evidence is submitted by whoever acts.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_dispute_submitted_by', TABLE = TG_TABLE_NAME;
  END IF;
  IF NEW.status <> 'needs_response' OR NEW.due_at <= statement_timestamp() THEN
    RAISE EXCEPTION 'It is too late for evidence: the dispute is decided or under review, or the time is over.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_dispute_due', TABLE = TG_TABLE_NAME;
  END IF;
  IF NOT EXISTS (SELECT FROM billing_disputeevidence e WHERE e.dispute_id = NEW.id) THEN
    RAISE EXCEPTION 'There is no evidence to submit.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_dispute_evidence', TABLE = TG_TABLE_NAME;
  END IF;
ELSIF NEW.submission IS NOT DISTINCT FROM OLD.submission AND (
  NEW.submitted_at IS DISTINCT FROM OLD.submitted_at OR NEW.submitted_by_id IS DISTINCT FROM OLD.submitted_by_id
  OR NEW.evidence_sha256 IS DISTINCT FROM OLD.evidence_sha256
) THEN
  RAISE EXCEPTION 'What was submitted stays as it was.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_dispute_submitted', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class DecidedHoldsNothing(Trigger):
    """When the transaction ends, a dispute that is decided holds no earning any more."""

    name = "70_let_go"
    words = "Refuses, when the transaction ends, a decided dispute that still holds earnings."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("status")
    timing = pgtrigger.Deferred

    def get_func(self, model: Any) -> str:
        return """
IF EXISTS (
  SELECT FROM billing_earninghold h JOIN billing_dispute d ON d.id = h.dispute_id
  WHERE h.dispute_id = NEW.id AND h.released_at IS NULL
    AND d.status NOT IN ('needs_response', 'under_review')
) THEN
  RAISE EXCEPTION 'A dispute that is decided holds no earnings.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_dispute_holds', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""


class MovementIsPosted(Trigger):
    """When the transaction ends, the movements of an entry are what it posts to the account of what is disputed.

    So Σ movements = balance of that account: an entry is sealed when its transaction ends, and so are they.
    """

    name = "70_match_entry"
    words = (
        "Refuses, when the transaction ends, movements that are not what their entry posts to the account of what is "
        "disputed, and to fees of disputes."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert
    timing = pgtrigger.Deferred
    declare = (("moved", "numeric"), ("cost", "numeric"), ("booked", "numeric"), ("booked_fee", "numeric"))

    def get_func(self, model: Any) -> str:
        return """
SELECT coalesce(sum(m.amount), 0), coalesce(sum(m.fee), 0) INTO moved, cost
FROM billing_disputemovement m WHERE m.entry_id = NEW.entry_id AND m.currency = NEW.currency;
SELECT coalesce(sum(p.amount) FILTER (WHERE a.code = 'disputed:' || c.code || ':' || NEW.currency), 0),
       coalesce(sum(p.amount) FILTER (WHERE a.code = 'dispute_fees:' || NEW.currency), 0)
INTO booked, booked_fee
FROM billing_dispute d
JOIN billing_provideraccount c ON c.id = d.provider_account_id
JOIN billing_posting p ON p.entry_id = NEW.entry_id
JOIN billing_ledgeraccount a ON a.id = p.account_id
WHERE d.id = NEW.dispute_id;
IF moved IS DISTINCT FROM booked OR -cost IS DISTINCT FROM booked_fee THEN
  RAISE EXCEPTION 'Movements of % and fees of % are posted as % and %.', moved, cost, booked, booked_fee
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_disputemovement_entry', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""


class EvidenceInTime(Trigger):
    """Evidence is written while it is put together: not once it was sent, and not when the time is over.

    The row of the dispute is locked against being submitted meanwhile.
    """

    name = "50_in_time"
    words = "Refuses evidence that is written, changed or taken away after it was submitted, or too late."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    declare = (("dispute", "billing_dispute"),)

    def get_func(self, model: Any) -> str:
        return """
SELECT * INTO dispute FROM billing_dispute d
WHERE d.id = CASE WHEN TG_OP = 'DELETE' THEN OLD.dispute_id ELSE NEW.dispute_id END FOR SHARE;
IF dispute.submission IN ('sent', 'received') THEN
  RAISE EXCEPTION 'The evidence was submitted, and stays as it was.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_disputeevidence_submitted', TABLE = TG_TABLE_NAME;
END IF;
IF dispute.status <> 'needs_response' OR dispute.due_at <= statement_timestamp() THEN
  RAISE EXCEPTION 'It is too late for evidence: the dispute is decided or under review, or the time is over.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_disputeevidence_due', TABLE = TG_TABLE_NAME;
END IF;
RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;"""


class HoldsWhatWasEarned(Trigger):
    """What is held was earned, by a dispute or a review that is open; what was released stays so."""

    name = "50_hold"
    words = (
        "Refuses to hold what is given back, to hold for a decided dispute, and to change or undo a release."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'UPDATE' THEN
  IF OLD.released_at IS NOT NULL THEN
    RAISE EXCEPTION 'What was released stays so. Hold it again by a hold of its own.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_earninghold_released', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END IF;
IF NEW.released_at IS NOT NULL THEN
  RAISE EXCEPTION 'A hold begins as one.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_earninghold_begins', TABLE = TG_TABLE_NAME;
END IF;
IF NOT EXISTS (SELECT FROM billing_earning e WHERE e.id = NEW.earning_id AND e.amount > 0) THEN
  RAISE EXCEPTION 'Only what was earned is held; what is given back always counts.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_earninghold_earned', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.dispute_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM billing_dispute d
  WHERE d.id = NEW.dispute_id AND d.status IN ('needs_response', 'under_review') FOR SHARE
) THEN
  RAISE EXCEPTION 'A dispute that is decided holds no earnings.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_earninghold_dispute', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class RefundBesidesDispute(Trigger):
    """On `billing_refund`: what the bank gives back already, or may, is not refunded as well."""

    name = "48_beside_dispute"
    words = "Refuses to ask for a refund of what is disputed or was charged back."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
IF NEW.origin <> 'provider' AND EXISTS (
  SELECT FROM billing_payment p
  WHERE p.id = NEW.payment_id AND (p.disputed > 0 OR p.charged_back > 0)
    AND NEW.amount > p.captured - p.refund_requested - p.refunded_elsewhere - p.disputed - p.charged_back
) THEN
  RAISE EXCEPTION 'This is disputed: the payer would get it back twice. Wait for the end of the dispute.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_refund_disputed', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class ReviewedByAnother(Trigger):
    """A review is decided once, by whoever acts, and never by the person whom it is about."""

    name = "46_decide"
    words = "Takes the decider from whoever acts; refuses a decision about oneself, and a change of what was decided."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'INSERT' THEN
  NEW.decided_by_id := NULL;
  NEW.decided_at := NULL;
  RETURN NEW;
END IF;
IF OLD.status IN ('cleared', 'confirmed') THEN
  RAISE EXCEPTION 'This was decided before, and stays so. Open another review.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_riskreview_final', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.status IN ('cleared', 'confirmed') THEN
  IF {ACTS} IS NULL OR {ACTS} = NEW.user_id THEN
    RAISE EXCEPTION 'A review is decided by a person, and not by the one whom it is about.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_riskreview_own', TABLE = TG_TABLE_NAME;
  END IF;
  NEW.decided_by_id := {ACTS};
  NEW.decided_at := statement_timestamp();
ELSE
  NEW.decided_by_id := NULL;
  NEW.decided_at := NULL;
END IF;
RETURN NEW;"""
