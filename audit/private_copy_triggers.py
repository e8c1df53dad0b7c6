"""Triggers about private messages that were reported: who may report one, and the copy of its words."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

COPIED_BEFORE, COPIED_AFTER = 20, 10
"""So many messages before and after the reported one are copied with it."""


class AdmitsPrivateReport(Trigger):
    """Whoever was written to may have staff read it; nobody else opens a conversation of others by a report."""

    name = "15_private"
    words = "Lets a private message be reported by whoever received it, for themselves, and by nobody else."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
IF NEW.subject_kind <> 'direct_message' THEN
  RETURN NEW;
END IF;
IF NEW.source <> 'user' OR NOT EXISTS (
  SELECT FROM engagement_directmessage m
  WHERE m.id = NEW.subject_id AND m.recipient_id = NEW.reporter_id AND m.status <> 'erased'
) THEN
  RAISE EXCEPTION 'A private message is reported by the person who received it, and by nobody else.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_report_private', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class CopiesPrivateWords(Trigger):
    """The reported message and those around it, as they are: a copy, where no role of staff looks by itself."""

    name = "91_copy_private"
    words = (
        f"Copies a reported private message with {COPIED_BEFORE} before and {COPIED_AFTER} after it, apart from the "
        "evidence that staff read."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
IF NEW.subject_kind <> 'direct_message' OR NEW.kind <> 'snapshot' THEN
  RETURN NULL;
END IF;
INSERT INTO audit_privatecopy
  (id, evidence_id, reporter_id, sender_id, message_id, position, body, status, files, written_at)
SELECT uuidv7(), NEW.id, said.recipient_id, m.sender_id, m.id, m.position, m.body, m.status, cardinality(m.files),
  m.created_at
FROM engagement_directmessage said, LATERAL (
  (SELECT b.*, -(row_number() OVER (ORDER BY b.id DESC))::smallint AS position FROM engagement_directmessage b
   WHERE b.conversation_id = said.conversation_id AND b.id < said.id ORDER BY b.id DESC LIMIT {COPIED_BEFORE})
  UNION ALL
  (SELECT b.*, 0::smallint FROM engagement_directmessage b WHERE b.id = said.id)
  UNION ALL
  (SELECT b.*, (row_number() OVER (ORDER BY b.id))::smallint FROM engagement_directmessage b
   WHERE b.conversation_id = said.conversation_id AND b.id > said.id ORDER BY b.id LIMIT {COPIED_AFTER})
) AS m
WHERE said.id = NEW.subject_id;
RETURN NULL;"""


class TakesPrivateWords(Trigger):
    """The copy goes with its evidence, by whatever way that goes."""

    name = "97_take_private"
    words = "Deletes the copied private messages of evidence that is deleted."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
IF OLD.subject_kind = 'direct_message' THEN
  DELETE FROM audit_privatecopy p WHERE p.evidence_id = OLD.id;
END IF;
RETURN OLD;"""


class GoesWithEvidence(Trigger):
    """Nobody changes a copy; it goes with its evidence and not before."""

    name = "20_append_only"
    words = "A copy is never changed. It is deleted by the trigger of its evidence alone."
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'DELETE' AND current_user = 'vbl_owner' AND pg_trigger_depth() > 1 THEN
  RETURN OLD;
END IF;
RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';"""
