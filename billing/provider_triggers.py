"""What the database itself sees to about payment providers."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class IsNeverDeleted(Trigger):
    """Refuses DELETE: rows leave with their partition."""

    name = "25_keep_row"
    words = "A message of a provider is never deleted; it leaves with its partition."
    when = pgtrigger.Before
    operation = pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
RAISE EXCEPTION '% is not deleted: it leaves with its partition', TG_TABLE_NAME
  USING ERRCODE = 'restrict_violation';"""


class ClaimsItsKey(Trigger):
    """Writes the row that makes an event with a valid signature the only one of its id."""

    name = "50_claim_key"
    words = "Claims the provider's event id in billing_providereventkey for a message with a valid signature."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'UPDATE' THEN
  IF OLD.verdict = 'valid' AND NEW.verdict <> 'valid' THEN
    RAISE EXCEPTION 'A signature that was valid stays valid'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_verdict_check', TABLE = TG_TABLE_NAME;
  END IF;
  IF OLD.event_id <> '' AND NEW.event_id IS DISTINCT FROM OLD.event_id THEN
    RAISE EXCEPTION 'The id of an event does not change'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_event_id_check', TABLE = TG_TABLE_NAME;
  END IF;
  IF OLD.verdict = 'valid' AND OLD.event_id = NEW.event_id THEN
    RETURN NEW;
  END IF;
END IF;
IF NEW.verdict = 'valid' AND NEW.event_id <> '' THEN
  INSERT INTO billing_providereventkey (id, provider_account_id, event_id, message_id)
  VALUES (uuidv7(), NEW.provider_account_id, NEW.event_id, NEW.id);
END IF;
RETURN NEW;"""
