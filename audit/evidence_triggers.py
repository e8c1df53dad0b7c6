"""Triggers of evidence: taken from its case, never shorter than promised, and gone only when nothing needs it."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class StampsEvidence(Trigger):
    """Whose evidence it is, when it was copied, and the digest of what is words."""

    name = "16_stamp"
    words = "Sets person, audience and time of evidence from its case, and the digest of words."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
SELECT c.person_id, c.leads_only INTO NEW.person_id, NEW.leads_only FROM audit_case c WHERE c.id = NEW.case_id;
NEW.captured_at := clock_timestamp();
NEW.keep_until := NULL;
IF NEW.kind <> 'media' THEN
  NEW.sha256 := sha256(convert_to(NEW.content::text, 'UTF8'));
END IF;
RETURN NEW;"""


class KeepsEvidence(Trigger):
    """Evidence of a case outlives the time in which its decision can be appealed."""

    name = "50_keep_long_enough"
    words = (
        "The time for which evidence is kept is only ever extended. It is deleted when that is over, its case is "
        "decided, and no appeal is live."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'UPDATE' THEN
  NEW.keep_until := CASE WHEN OLD.keep_until IS NULL THEN NEW.keep_until
                         ELSE greatest(OLD.keep_until, coalesce(NEW.keep_until, OLD.keep_until)) END;
  RETURN NEW;
END IF;
IF moderation_evidence_needed(OLD.case_id, OLD.person_id, OLD.keep_until) THEN
  RAISE EXCEPTION 'This evidence is still needed; it cannot be deleted.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_evidence_needed', TABLE = TG_TABLE_NAME;
END IF;
RETURN OLD;"""
