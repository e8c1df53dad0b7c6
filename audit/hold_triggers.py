"""Triggers of legal holds and of the rows that were copied out for them."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

LOCK = "pg_advisory_xact_lock(hashtextextended('legal holds', 0))"
"""Held by whoever places a hold; whoever destroys shares it (`legal_hold_covers`), so that neither misses the other."""


class BeginsNow(Trigger):
    """A hold waits for whoever is destroying, begins when they are done, and is about the person of its scope."""

    name = "15_begin"
    words = (
        "Lets a hold begin now, when everybody who is destroying is done; takes the person from the scope."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
-- First the rows, as whoever destroys does, then the lock: the other way round they would wait for one another.
NEW.person_id := audit_hold_person(NEW.scope_kind, NEW.scope_id);
IF NEW.person_id IS NULL THEN
  RAISE EXCEPTION 'There is no % with this id; a hold covers something that is there.', NEW.scope_kind
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_legalhold_scope', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.released_at IS NOT NULL OR NEW.released_by_id IS NOT NULL OR NEW.release_reason <> '' THEN
  RAISE EXCEPTION 'A hold is placed before it is released.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_legalhold_released_first', TABLE = TG_TABLE_NAME;
END IF;
PERFORM {LOCK};
IF upper(NEW.valid) <= clock_timestamp() THEN
  RAISE EXCEPTION 'A hold ends in the future. Leave its end empty for none.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_legalhold_valid_end', TABLE = TG_TABLE_NAME;
END IF;
NEW.valid := tstzrange(clock_timestamp(), upper(NEW.valid), '[)');
RETURN NEW;"""


class EndsOnce(Trigger):
    """A hold in force is prolonged or released; one that has ended never changes, and none is ever deleted."""

    name = "45_end"
    words = "Lets a hold in force be prolonged, or released now by somebody; refuses all else, and deletion always."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'DELETE' THEN
  RAISE EXCEPTION 'A legal hold is never deleted; it is released.'
    USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
END IF;
IF OLD.released_at IS NOT NULL OR NOT OLD.valid @> clock_timestamp() THEN
  RAISE EXCEPTION 'This hold has ended; nothing of it changes any more. Place a new one.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_legalhold_ended', TABLE = TG_TABLE_NAME;
END IF;
IF lower(NEW.valid) IS DISTINCT FROM lower(OLD.valid) THEN
  RAISE EXCEPTION 'The beginning of a hold never changes.' USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.released_at IS NOT NULL THEN
  NEW.released_at := clock_timestamp();
  NEW.valid := tstzrange(lower(OLD.valid), NEW.released_at, '[)');
ELSIF coalesce(upper(NEW.valid), 'infinity') < coalesce(upper(OLD.valid), 'infinity') THEN
  RAISE EXCEPTION 'A hold is never shortened; it is released, by somebody else than who placed it.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_legalhold_shortened', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class ProvesItself(Trigger):
    """The digest of a copied row is computed here, over the text of its JSON, whatever the statement says."""

    name = "25_prove"
    words = "Computes the digest of the copied row and notes when it was copied."
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
NEW.sha256 := sha256(convert_to(NEW.content::text, 'UTF8'));
NEW.copied_at := clock_timestamp();
RETURN NEW;"""


class KeptForItsHold(Trigger):
    """In place of the kernel's `AppendOnly`: the retention role deletes a copy only when its hold has ended."""

    name = "20_append_only"
    words = "Copies are never changed; the retention role deletes them when their hold has ended."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'DELETE' AND coalesce(nullif(current_setting('role', true), 'none'), session_user) = 'vbl_retention' THEN
  IF EXISTS (SELECT FROM audit_legalhold h WHERE h.id = OLD.hold_id AND upper(h.valid) <= clock_timestamp()) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'The hold for which this was copied is in force.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_heldrow_held', TABLE = TG_TABLE_NAME;
END IF;
RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';"""
