"""Triggers of retention policies."""

from typing import Any

import pgtrigger

from audit.choices import ISO_PERIOD
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


class NotShorterThanTheLaw(Trigger):
    """No period, in force or proposed, is shorter than the law allows, for the owner neither.

    Years and months are compared with one another, and days with the most days that the law's period can have: what
    might be a day too short in some year is refused.
    """

    name = "46_minimum"
    words = (
        "Refuses a period, and the proposal of one, that is shorter than the law allows, or over before the rows "
        "leave for the archive."
    )
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("asked", "text"), ("asked_months", "integer"), ("least_months", "integer")]

    def get_func(self, model: Any) -> str:
        return f"""
least_months := extract(year FROM NEW.minimum::interval) * 12 + extract(month FROM NEW.minimum::interval);
FOREACH asked IN ARRAY array_remove(ARRAY[NEW.period, NEW.proposed_period], NULL) LOOP
  -- What is no period is refused by its rule.
  CONTINUE WHEN asked !~ '{ISO_PERIOD}';
  IF NEW.online_period ~ '{ISO_PERIOD}' THEN
    IF NEW.online_period::interval >= asked::interval THEN
      RAISE EXCEPTION 'Rows of % stay in the database for %: a period is longer than that.',
          NEW.table_name, NEW.online_period
        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_retentionpolicy_online', TABLE = TG_TABLE_NAME;
    END IF;
  END IF;
  CONTINUE WHEN NEW.minimum IS NULL;
  asked_months := extract(year FROM asked::interval) * 12 + extract(month FROM asked::interval);
  CONTINUE WHEN CASE
    WHEN least_months > 0 AND asked_months > 0 THEN asked_months >= least_months
    WHEN least_months > 0
      THEN extract(day FROM asked::interval) >= least_months / 12 * 366 + least_months % 12 * 31
    ELSE asked::interval >= NEW.minimum::interval
  END;
  RAISE EXCEPTION 'The law does not allow a shorter period than % (%).', NEW.minimum, NEW.minimum_basis
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_retentionpolicy_shorter', TABLE = TG_TABLE_NAME;
END LOOP;
RETURN NEW;"""
