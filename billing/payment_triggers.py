"""Triggers of payments, refunds and approvals: what belongs together, what only rises, and four eyes."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

ACTS = "nullif(current_setting('app.user_id', true), '')::uuid"
"""Whoever acts in this transaction; null: the system."""


class AttemptWithinPayment(Trigger):
    """An attempt is about a payment of its own intent, account and currency."""

    name = "50_match_payment"
    words = "Refuses an attempt whose intent, account or currency is not that of its payment."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
IF NOT EXISTS (
  SELECT FROM billing_payment p
  WHERE p.id = NEW.payment_id AND p.intent_id = NEW.intent_id AND p.currency = NEW.currency
    AND p.provider_account_id = NEW.provider_account_id
) THEN
  RAISE EXCEPTION 'An attempt is about a payment of its own intent, account and currency.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_paymentattempt_payment', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class CountersOnlyRise(Trigger):
    """What was authorised, captured, fulfilled or taken back once, stays so; a reference once known is kept."""

    name = "45_rise"
    words = "Refuses to lower what was authorised, captured, fulfilled or reversed, and to change a known reference."
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        rising = (
            "authorised",
            "authorised_settled",
            "captured",
            "captured_settled",
            "refunded_reported",
            "fulfilled",
            "reversed",
        )
        falls = " OR ".join(f"NEW.{column} < OLD.{column}" for column in rising)
        return f"""
IF {falls} THEN
  RAISE EXCEPTION 'What was authorised, captured, fulfilled or taken back stays so; a correction is a new movement.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payment_rise', TABLE = TG_TABLE_NAME;
END IF;
IF OLD.voided_at IS NOT NULL AND NEW.voided_at IS DISTINCT FROM OLD.voided_at THEN
  RAISE EXCEPTION 'A voided payment stays voided.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payment_rise', TABLE = TG_TABLE_NAME;
END IF;
IF OLD.provider_reference IS NOT NULL AND NEW.provider_reference IS DISTINCT FROM OLD.provider_reference THEN
  RAISE EXCEPTION 'The reference of a payment is kept.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payment_rise', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class RefundApproved(Trigger):
    """Staff refund within their limit, or with an approval; and an approval comes before the sending.

    Who acts is who asked. The acts of one person are counted one after another, so that two at once cannot both use
    what is left of the day.
    """

    name = "50_limit"
    words = (
        "Refuses a refund of another payer or currency than its payment, one by staff above their limit without an "
        "approval, and to send one whose approval is not given."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("status")
    declare = (
        ("item_limit", "bigint"),
        ("day_limit", "bigint"),
        ("used", "bigint"),
        ("midnight", "timestamptz"),
    )

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'UPDATE' THEN
  IF OLD.status = 'requested' AND NEW.status = 'sent' AND NEW.approval_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM billing_approvalrequest a WHERE a.id = NEW.approval_id AND a.status = 'approved'
  ) THEN
    RAISE EXCEPTION 'This refund waits for an approval.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_refund_approval', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END IF;
IF NOT EXISTS (
  SELECT FROM billing_payment p
  WHERE p.id = NEW.payment_id AND p.user_id = NEW.user_id AND p.currency = NEW.currency
    AND p.provider_account_id = NEW.provider_account_id
) THEN
  RAISE EXCEPTION 'A refund goes to the payer of its payment, in its currency and on its way.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_refund_payment', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.origin <> 'staff' THEN
  RETURN NEW;
END IF;
IF NEW.requested_by_id IS DISTINCT FROM {ACTS} OR NOT EXISTS (
  SELECT FROM accounts_rolegrant g
  WHERE g.user_id = NEW.requested_by_id AND g.role = NEW.requested_role AND g.valid @> statement_timestamp()
) THEN
  RAISE EXCEPTION 'A refund by staff is asked for by whoever acts, in a role that they hold.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_refund_requested_by', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.approval_id IS NOT NULL THEN
  IF NOT EXISTS (
    SELECT FROM billing_approvalrequest a
    WHERE a.id = NEW.approval_id AND a.kind = 'refund' AND a.amount = NEW.amount AND a.currency = NEW.currency
      AND a.subject_table = 'billing_payment' AND a.subject_id = NEW.payment_id AND a.maker_id = NEW.requested_by_id
  ) THEN
    RAISE EXCEPTION 'The approval is about another refund.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_refund_approval', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END IF;
PERFORM pg_advisory_xact_lock(hashtextextended('billing_stafflimit:' || NEW.requested_by_id::text, 0));
midnight := date_trunc('day', statement_timestamp() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
SELECT l.per_item, l.per_day INTO item_limit, day_limit FROM billing_stafflimit l
WHERE l.kind = 'refund' AND l.currency = NEW.currency AND l.valid @> statement_timestamp()
  AND (l.person_id = NEW.requested_by_id OR l.role = NEW.requested_role)
ORDER BY (l.person_id IS NULL) LIMIT 1;
SELECT coalesce(sum(r.amount), 0) INTO used FROM billing_refund r
WHERE r.requested_by_id = NEW.requested_by_id AND r.currency = NEW.currency AND r.approval_id IS NULL
  AND r.status NOT IN ('failed', 'cancelled') AND r.created_at >= midnight;
IF item_limit IS NULL OR NEW.amount > item_limit OR used + NEW.amount > day_limit THEN
  RAISE EXCEPTION 'This is above your limit and needs the approval of a colleague.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_refund_limit', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class FourEyes(Trigger):
    """Maker and checker are the people who act, and two; the checker holds the role that approves.

    No statement names somebody else, whatever role it runs in, and no decision is ever taken back or changed.
    """

    name = "46_four_eyes"
    words = (
        "Takes maker and checker from whoever acts, refuses a decision by the maker or by somebody who does not hold "
        "the role that approves, and any change of what is decided."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return f"""
IF {ACTS} IS NULL THEN
  RAISE EXCEPTION 'An approval is asked for and decided by a person.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_approvalrequest_person', TABLE = TG_TABLE_NAME;
END IF;
IF TG_OP = 'INSERT' THEN
  NEW.maker_id := {ACTS};
  NEW.checker_id := NULL;
  NEW.decided_at := NULL;
  RETURN NEW;
END IF;
IF OLD.status <> 'pending' THEN
  RAISE EXCEPTION 'This was decided before, and stays so.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_approvalrequest_final', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.status = 'pending' THEN
  NEW.checker_id := NULL;
  NEW.decided_at := NULL;
  RETURN NEW;
END IF;
IF OLD.maker_id = {ACTS} THEN
  RAISE EXCEPTION 'Nobody decides about what they asked for themselves. Ask a colleague.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_approvalrequest_four_eyes', TABLE = TG_TABLE_NAME;
END IF;
IF NOT EXISTS (
  SELECT FROM accounts_rolegrant g
  WHERE g.user_id = {ACTS} AND g.role = 'vbl_finance_approver' AND g.valid @> statement_timestamp()
) THEN
  RAISE EXCEPTION 'Approvals are decided by people who hold the role Finance approver.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_approvalrequest_checker', TABLE = TG_TABLE_NAME;
END IF;
NEW.checker_id := {ACTS};
NEW.decided_at := statement_timestamp();
RETURN NEW;"""
