"""Triggers of archives of people: made for a running request, gone for good."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class OfRunningRequest(Trigger):
    """An archive is made for a request that is being carried out, and is whose that request is about."""

    name = "15_of_request"
    words = "Takes the person from the request; refuses one that is not running, or not for access or portability."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
NEW.person_id := NULL;
SELECT r.person_id INTO NEW.person_id FROM audit_subjectrequest r
WHERE r.id = NEW.request_id AND r.status = 'running' AND r.kind IN ('access', 'portability') FOR KEY SHARE;
IF NEW.person_id IS NULL THEN
  RAISE EXCEPTION 'An archive is made for a request for access or portability that is being carried out.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_personalarchive_running', TABLE = TG_TABLE_NAME;
END IF;
NEW.made_at := clock_timestamp();
NEW.deleted_at := NULL;
RETURN NEW;"""


class GoneForGood(Trigger):
    """An archive that has lost its key has no file that opens, and never gets one again."""

    name = "45_gone"
    words = "Refuses to give a key back, to exchange it, or to prolong; lets the rotation of keys write."
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'DELETE' THEN
  IF current_user = 'vbl_retention' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'What was handed out stays on record.' USING ERRCODE = 'restrict_violation';
END IF;
IF OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS DISTINCT FROM OLD.deleted_at THEN
  RAISE EXCEPTION 'An archive that is gone does not come back.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_personalarchive_gone', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.expires_at > OLD.expires_at THEN
  RAISE EXCEPTION 'The time in which an archive can be fetched is not prolonged.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_personalarchive_prolonged', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.file_key IS NOT NULL AND NEW.file_key IS DISTINCT FROM OLD.file_key
  AND coalesce(current_setting('app.key_purpose', true), '') <> 'rotate' THEN
  RAISE EXCEPTION 'The key of an archive is not exchanged.' USING ERRCODE = 'restrict_violation';
END IF;
RETURN NEW;"""
