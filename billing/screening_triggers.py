"""What the database itself sees to about screenings and identity cases."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class DecidesPossibleMatch(Trigger):
    """A decision is about a possible match of the same person on the same list, and is made once."""

    name = "50_decide"
    words = "Takes person, studio and list of a decision from the possible match that it decides; refuses another one."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
NEW.screened_at := statement_timestamp();
IF NEW.decides_id IS NULL THEN
  RETURN NEW;
END IF;
IF NOT EXISTS (
  SELECT FROM billing_sanctionsscreening s
  WHERE s.id = NEW.decides_id AND s.outcome = 'possible' AND s.list = NEW.list
    AND s.user_id IS NOT DISTINCT FROM NEW.user_id AND s.studio_id IS NOT DISTINCT FROM NEW.studio_id
) THEN
  RAISE EXCEPTION 'A decision is about a possible match of the same person or studio on the same list.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_sanctionsscreening_decides', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class DecidedByWhoActs(Trigger):
    """An identity case is taken and decided in the name of whoever acts, and stays as it was decided."""

    name = "50_decide"
    words = "Refuses to take or decide a case in another name, and any change of a decided one."
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        acts = "nullif(current_setting('app.user_id', true), '')::uuid"
        return f"""
IF OLD.status IN ('cleared', 'rejected') THEN
  RAISE EXCEPTION 'A decided case stays as it is. Open another one.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_kyccase_decided', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.owner_id IS DISTINCT FROM OLD.owner_id AND NEW.owner_id IS DISTINCT FROM {acts}
  OR NEW.decided_by_id IS NOT NULL AND NEW.decided_by_id IS DISTINCT FROM {acts} THEN
  RAISE EXCEPTION 'A case is taken and decided in one''s own name.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_kyccase_actor', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
