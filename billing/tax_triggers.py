"""Triggers of tax forms, statements and the closing of periods."""

from typing import Any

import pgtrigger

from billing.payment_triggers import ACTS
from core.db.triggers import Trigger


class ReviewsTaxForm(Trigger):
    """The database says until when a form counts and who reviewed it, and takes neither from a statement."""

    name = "50_review"
    words = (
        "Says until when a form counts; takes who reviews it from whoever acts; refuses to accept one that has ended "
        "or is from the future, and a review by whoever signed."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'INSERT' THEN
  IF NEW.signed_on > (statement_timestamp() AT TIME ZONE 'UTC')::date THEN
    RAISE EXCEPTION 'Nobody has signed this yet: the day lies ahead.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_taxform_signed_on', TABLE = TG_TABLE_NAME;
  END IF;
  NEW.expires_on := CASE WHEN NEW.kind IN ('w8ben', 'w8ben_e')
    THEN make_date(extract(year FROM NEW.signed_on)::integer + 3, 12, 31) END;
  NEW.reviewed_by_id := NULL;
  NEW.reviewed_at := NULL;
  RETURN NEW;
END IF;
NEW.expires_on := OLD.expires_on;
IF OLD.status <> 'submitted' OR NEW.status = 'submitted' THEN
  NEW.reviewed_by_id := OLD.reviewed_by_id;
  NEW.reviewed_at := OLD.reviewed_at;
  NEW.reason := OLD.reason;
  RETURN NEW;
END IF;
IF {ACTS} IS NULL THEN
  RAISE EXCEPTION 'A tax form is reviewed by a person.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_taxform_person', TABLE = TG_TABLE_NAME;
END IF;
IF {ACTS} = OLD.signed_by_id THEN
  RAISE EXCEPTION 'Nobody reviews what they signed themselves.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_taxform_own_check', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.status = 'accepted' AND OLD.expires_on < (statement_timestamp() AT TIME ZONE 'UTC')::date THEN
  RAISE EXCEPTION 'This form has ended. Ask for a new one.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_taxform_ended', TABLE = TG_TABLE_NAME;
END IF;
NEW.reviewed_by_id := {ACTS};
NEW.reviewed_at := statement_timestamp();
RETURN NEW;"""


class EvidenceOfOrder(Trigger):
    """Evidence belongs to an order and to whoever ordered."""

    name = "50_match_order"
    words = "Refuses evidence about another person than who ordered."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
IF NOT EXISTS (SELECT FROM billing_order o WHERE o.id = NEW.order_id AND o.user_id = NEW.user_id) THEN
  RAISE EXCEPTION 'Evidence is about whoever ordered.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_taxevidence_order', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class FollowsVersion(Trigger):
    """Versions of a statement follow one another: each amends the one before, of the same owner, time and unit."""

    name = "50_follow_version"
    words = "Refuses a version of a statement that does not amend the latest one of the same owner, time and unit."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
NEW.frozen_by_id := {ACTS};
NEW.frozen_at := statement_timestamp();
IF NEW.version = 1 AND NEW.amends_id IS NULL THEN
  RETURN NEW;
END IF;
IF NOT EXISTS (
  SELECT FROM billing_taxstatement s
  WHERE s.id = NEW.amends_id AND s.version = NEW.version - 1 AND s.kind = NEW.kind AND s.days = NEW.days
    AND s.currency = NEW.currency AND s.performer_id IS NOT DISTINCT FROM NEW.performer_id
    AND s.studio_id IS NOT DISTINCT FROM NEW.studio_id
) THEN
  RAISE EXCEPTION 'An amended statement is the next version of the one that it amends.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_taxstatement_version', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class ClosedBy(Trigger):
    """Who closes a period is whoever acts, and was not who closed it softly."""

    name = "50_close_by"
    words = (
        "Takes who closes a period from whoever acts; refuses a check-list of which something is in the way."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
IF {ACTS} IS NULL THEN
  RAISE EXCEPTION 'A period is closed by a person.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_periodclosing_person', TABLE = TG_TABLE_NAME;
END IF;
NEW.closed_by_id := {ACTS};
NEW.closed_at := statement_timestamp();
IF jsonb_array_length(NEW.checks) = 0 OR EXISTS (
  SELECT FROM jsonb_array_elements(NEW.checks) c
  WHERE (c ->> 'blocks')::boolean IS NOT FALSE AND (c ->> 'ok')::boolean IS NOT TRUE
) THEN
  RAISE EXCEPTION 'Something is still in the way of closing this period.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_periodclosing_checks', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
