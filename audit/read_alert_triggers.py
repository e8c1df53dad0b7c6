"""Triggers of alerts on readings: whatever code records a reading, the rules look at it; somebody else reviews."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class WatchesReadings(Trigger):
    """On readings and on the trail: the rules look at each reading in the transaction that records it."""

    name = "80_watch"
    words = "Asks the rules of audit_readalertrule about the reading; what is unusual becomes an alert."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
PERFORM read_alerts_find(NEW.id, 'recording');
RETURN NULL;"""


class ReviewedByAnother(Trigger):
    """On alerts: reviewed once, by the person who acts, who neither read nor was read; the database says when."""

    name = "45_review"
    words = (
        "Stamps the review; refuses a second one, one in another name, and one by whoever read or "
        "whose data was read."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status", "reviewed_by_id", "reviewed_at", "review_reason")

    def get_func(self, model: Any) -> str:
        return """
-- Words about somebody who was erased go; who found what stays.
IF NEW.review_reason = ''
  AND ROW(NEW.status, NEW.reviewed_by_id, NEW.reviewed_at)
    IS NOT DISTINCT FROM ROW(OLD.status, OLD.reviewed_by_id, OLD.reviewed_at)
  AND EXISTS (
    SELECT FROM accounts_user u
    WHERE u.status = 'erased' AND (
      u.id IN (NEW.reader_id, NEW.person_id)
      OR u.id IN (SELECT r.person_id FROM audit_readalertreading r WHERE r.alert_id = NEW.id)
    )
  ) THEN
  RETURN NEW;
END IF;
IF OLD.status <> 'open' OR NEW.status = 'open' THEN
  RAISE EXCEPTION 'What was found about a reading is never rewritten.' USING ERRCODE = 'restrict_violation';
END IF;
IF NEW.reviewed_by_id IS DISTINCT FROM nullif(current_setting('app.user_id', true), '')::uuid THEN
  RAISE EXCEPTION 'An alert is reviewed in one''s own name.' USING ERRCODE = 'restrict_violation';
END IF;
IF NEW.reviewed_by_id = NEW.reader_id OR EXISTS (
  SELECT FROM audit_readalertreading r WHERE r.alert_id = NEW.id AND r.person_id = NEW.reviewed_by_id
) THEN
  RAISE EXCEPTION 'Nobody reviews their own readings, or readings of their own data. Ask a colleague.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_readalert_another', TABLE = TG_TABLE_NAME;
END IF;
NEW.reviewed_at := clock_timestamp();
RETURN NEW;"""
