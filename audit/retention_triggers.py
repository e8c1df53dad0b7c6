"""Triggers of retention policies."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class ChangedByTwo(Trigger):
    """A period or a legal basis changes only as one person proposed it and another one approved it."""

    name = "45_change"
    words = (
        "Refuses another period or basis unless it was proposed before and somebody else approves it; the owner copies "
        "what the code declares."
    )
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
IF current_user = 'vbl_owner' THEN
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END IF;
IF TG_OP = 'DELETE' THEN
  RAISE EXCEPTION 'A retention policy is changed and not deleted.' USING ERRCODE = 'restrict_violation';
END IF;
IF ROW(NEW.period, NEW.basis) IS NOT DISTINCT FROM ROW(OLD.period, OLD.basis)
  AND ROW(NEW.changed_by_id, NEW.approved_by_id) IS NOT DISTINCT FROM ROW(OLD.changed_by_id, OLD.approved_by_id) THEN
  RETURN NEW;
END IF;
IF OLD.proposed_by_id IS NULL
  OR ROW(NEW.period, NEW.basis, NEW.changed_by_id)
    IS DISTINCT FROM ROW(OLD.proposed_period, OLD.proposed_basis, OLD.proposed_by_id)
  OR NEW.approved_by_id IS DISTINCT FROM nullif(current_setting('app.user_id', true), '')::uuid
  OR NEW.proposed_by_id IS NOT NULL
THEN
  RAISE EXCEPTION 'A retention policy changes only as it was proposed, when somebody else approves it.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_retentionpolicy_proposed', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
