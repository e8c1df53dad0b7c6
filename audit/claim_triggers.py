"""Triggers of claims: who may take a case, how long a lease is, and the case that follows."""

from typing import Any

import pgtrigger

from audit.case_triggers import free_status
from core.db.triggers import Trigger

LEASE_MINUTES = 15
"""How long a case is held without a sign of work."""

LEASE = f"interval '{LEASE_MINUTES} minutes'"


class TakesCase(Trigger):
    """A claim is of a case that its moderator sees and that waits; its lease begins now.

    Runs with the rights of whoever claims: what their policies hide is not there to be claimed.
    """

    name = "16_take"
    words = (
        f"A claim begins now and lasts {LEASE_MINUTES} minutes, of a case that waits and that the moderator may "
        "see; one that is escalated is for those to whom it is."
    )
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("wanted", "audit_case%ROWTYPE")]

    def get_func(self, model: Any) -> str:
        return f"""
SELECT * INTO wanted FROM audit_case c WHERE c.id = NEW.case_id FOR UPDATE;
IF NOT FOUND THEN
  RAISE EXCEPTION 'There is no such case for you to claim.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_claim_case', TABLE = TG_TABLE_NAME;
END IF;
IF wanted.status NOT IN ('open', 'reopened', 'escalated', 'claimed') THEN
  RAISE EXCEPTION 'This case is %; nobody has to claim it.', wanted.status
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_claim_waiting', TABLE = TG_TABLE_NAME;
END IF;
IF wanted.escalation_route = 'lead' AND current_user = 'vbl_moderator' THEN
  RAISE EXCEPTION 'This case is escalated to lead moderators; one of them claims it.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_claim_route', TABLE = TG_TABLE_NAME;
END IF;
IF wanted.escalation_route = 'legal' AND current_user IN ('vbl_moderator', 'vbl_lead_moderator') THEN
  RAISE EXCEPTION 'This case is escalated to legal counsel; compliance claims it.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_claim_route', TABLE = TG_TABLE_NAME;
END IF;
NEW.valid := tstzrange(statement_timestamp(), statement_timestamp() + {LEASE});
RETURN NEW;"""


class KeepsLease(Trigger):
    """A lease is renewed from now on, or ended now; one that has run out is a fact."""

    name = "17_keep_lease"
    words = (
        f"A lease that has run out never changes; another one ends at most {LEASE_MINUTES} minutes from now."
    )
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return f"""
IF NEW.valid IS NOT DISTINCT FROM OLD.valid THEN
  RETURN NEW;
END IF;
IF upper(OLD.valid) <= statement_timestamp() THEN
  RAISE EXCEPTION 'The lease of this case has run out. Claim it again.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_claim_lease', TABLE = TG_TABLE_NAME;
END IF;
IF upper(NEW.valid) > statement_timestamp() AND NOT EXISTS (SELECT FROM audit_case c WHERE c.id = NEW.case_id) THEN
  RAISE EXCEPTION 'This case was moved to where you do not work; it can only be released.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_claim_case', TABLE = TG_TABLE_NAME;
END IF;
NEW.valid := tstzrange(
  lower(OLD.valid),
  greatest(
    least(coalesce(upper(NEW.valid), 'infinity'), statement_timestamp() + {LEASE}),
    statement_timestamp(),
    lower(OLD.valid) + interval '1 microsecond'
  )
);
RETURN NEW;"""


class MirrorsClaim(Trigger):
    """The case says who holds it until when, so that the next free one is found by one index."""

    name = "90_mirror"
    words = "Writes holder and end of the lease on the case; a claim that was ended gives it back."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("valid")

    def get_func(self, model: Any) -> str:
        return f"""
IF upper(NEW.valid) > statement_timestamp() THEN
  UPDATE audit_case c
  SET status = 'claimed', claimed_by_id = NEW.moderator_id, claimed_until = upper(NEW.valid)
  WHERE c.id = NEW.case_id;
ELSE
  UPDATE audit_case c SET status = {free_status("c")}
  WHERE c.id = NEW.case_id AND c.status = 'claimed' AND c.claimed_by_id = NEW.moderator_id;
END IF;
RETURN NULL;"""
