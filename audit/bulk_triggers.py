"""Triggers of bulk jobs: who may move one, when it is complete, and that its items say what was decided."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

ME = "nullif(current_setting('app.user_id', true), '')::uuid"
ACTING = "coalesce(nullif(current_setting('role', true), 'none'), session_user)"


class RecordsBulkRole(Trigger):
    """A job is decided later, by a worker, in the role in which it was asked for."""

    name = "15_stamp"
    words = "Takes the role of a bulk job from the transaction in which a moderator asks for it."
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
IF {ACTING} IN ('vbl_moderator', 'vbl_lead_moderator') THEN
  NEW.acting_role := {ACTING};
END IF;
RETURN NEW;"""


class GuardsBulkMoves(Trigger):
    """Who makes which move, and what must be true then; the owner alone is not asked who it is."""

    name = "50_guard_move"
    words = (
        "Refuses a move of a bulk job to whoever may not make it, before its items are complete, and before every "
        "item has its outcome; stamps approval and end."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [
            ("me", f"uuid := {ME}"),
            ("acting", f"text := {ACTING}"),
            ("move", "text := OLD.status || '>' || NEW.status"),
            ("found", "integer"),
        ]

    def get_func(self, model: Any) -> str:
        return """
IF NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id AND move <> 'waiting>approved' THEN
  RAISE EXCEPTION 'A bulk job is approved while it waits for a second person.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_bulkjob_approval', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.undone_by_id IS DISTINCT FROM OLD.undone_by_id AND move <> 'done>undoing' THEN
  RAISE EXCEPTION 'A bulk job is undone when it is done.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_bulkjob_undoing', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.undo_reasons IS DISTINCT FROM OLD.undo_reasons AND move <> 'done>undoing' THEN
  RAISE EXCEPTION 'A bulk job is undone when it is done.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_bulkjob_undoing', TABLE = TG_TABLE_NAME;
END IF;
NEW.approved_at := CASE WHEN NEW.approved_by_id IS NULL THEN NULL
  WHEN move = 'waiting>approved' THEN statement_timestamp() ELSE OLD.approved_at END;
NEW.finished_at := CASE WHEN move IN ('running>done', 'undoing>undone') THEN statement_timestamp()
  WHEN move = 'done>undoing' THEN NULL ELSE OLD.finished_at END;
IF NEW.status = OLD.status THEN
  RETURN NEW;
END IF;
IF OLD.status = 'previewed' AND NEW.status <> 'cancelled' THEN
  SELECT count(*) INTO found FROM audit_bulkitem i WHERE i.job_id = NEW.id;
  IF found <> NEW.item_count THEN
    RAISE EXCEPTION 'The preview showed % cases, and the bulk job holds %. Preview it again.', NEW.item_count, found
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_bulkjob_items', TABLE = TG_TABLE_NAME;
  END IF;
END IF;
IF move = 'running>done' AND EXISTS (
  SELECT FROM audit_bulkitem i WHERE i.job_id = NEW.id AND i.status = 'pending'
) OR move = 'undoing>undone' AND EXISTS (
  SELECT FROM audit_bulkitem i WHERE i.job_id = NEW.id AND i.status = 'done'
) THEN
  RAISE EXCEPTION 'Some cases of this bulk job have no outcome yet.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_bulkjob_outcomes', TABLE = TG_TABLE_NAME;
END IF;
IF acting NOT IN ('vbl_moderator', 'vbl_lead_moderator', 'vbl_worker') THEN
  RETURN NEW;
END IF;
IF NOT (CASE
  WHEN move IN ('previewed>waiting', 'previewed>approved') THEN acting <> 'vbl_worker' AND me = OLD.created_by_id
  WHEN move = 'waiting>approved' THEN acting = 'vbl_lead_moderator' AND me = NEW.approved_by_id
  WHEN NEW.status = 'cancelled' THEN acting = 'vbl_lead_moderator' OR me = OLD.created_by_id
  WHEN move = 'done>undoing' THEN acting = 'vbl_lead_moderator' AND me = NEW.undone_by_id
  ELSE acting = 'vbl_worker'
END) THEN
  RAISE EXCEPTION 'This move of a bulk job is not yours: who asks for it submits it, another lead moderator approves '
    'it, a worker carries it out.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_bulkjob_mover', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class ItemsWhilePreviewed(Trigger):
    """A job cannot grow after somebody saw, submitted or approved it."""

    name = "15_join"
    words = "Takes the person from the case; refuses a case for a bulk job that is not being previewed by whoever acts."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("owner", "uuid"), ("state", "text")]

    def get_func(self, model: Any) -> str:
        return f"""
SELECT j.created_by_id, j.status INTO owner, state FROM audit_bulkjob j WHERE j.id = NEW.job_id FOR SHARE;
IF state <> 'previewed' THEN
  RAISE EXCEPTION 'The cases of a bulk job are chosen before it is submitted.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_bulkitem_previewed', TABLE = TG_TABLE_NAME;
END IF;
IF {ACTING} IN ('vbl_moderator', 'vbl_lead_moderator') AND owner IS DISTINCT FROM {ME} THEN
  RAISE EXCEPTION 'This is the bulk job of somebody else.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_bulkitem_owner', TABLE = TG_TABLE_NAME;
END IF;
SELECT c.person_id INTO NEW.person_id FROM audit_case c WHERE c.id = NEW.case_id;
RETURN NEW;"""


class SettlesAsItWas(Trigger):
    """The decision of an item is one of its creator on its case; what undoes it reverses that very decision."""

    name = "50_settle"
    words = (
        "Refuses an outcome while the bulk job does not run, a decision on another case or by somebody else, and an "
        "undoing that reverses another decision."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("job", "audit_bulkjob"), ("made", "audit_decision"), ("undoing", "boolean")]

    def get_func(self, model: Any) -> str:
        return f"""
IF NEW.decision_id IS DISTINCT FROM OLD.decision_id AND NOT (OLD.status = 'pending' AND NEW.status = 'done')
  OR NEW.undo_decision_id IS DISTINCT FROM OLD.undo_decision_id
  AND NOT (OLD.status = 'done' AND NEW.status = 'undone') THEN
  RAISE EXCEPTION 'The decision of a case of a bulk job never changes.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_bulkitem_decision', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.status = OLD.status THEN
  IF NEW.outcome_words IS DISTINCT FROM OLD.outcome_words THEN
    RAISE EXCEPTION 'The outcome of a case of a bulk job never changes.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_bulkitem_outcome', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END IF;
SELECT * INTO job FROM audit_bulkjob j WHERE j.id = NEW.job_id;
undoing := OLD.status = 'done';
IF job.status <> (CASE WHEN undoing THEN 'undoing' ELSE 'running' END) THEN
  RAISE EXCEPTION 'This bulk job is not being carried out.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_bulkitem_running', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.status IN ('refused', 'kept') THEN
  IF {ACTING} IN ('vbl_moderator', 'vbl_lead_moderator')
    AND {ME} IS DISTINCT FROM (CASE WHEN undoing THEN job.undone_by_id ELSE job.created_by_id END) THEN
    RAISE EXCEPTION 'This is the bulk job of somebody else.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_bulkitem_owner', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END IF;
SELECT * INTO made FROM audit_decision d
WHERE d.id = CASE WHEN undoing THEN NEW.undo_decision_id ELSE NEW.decision_id END;
IF made.case_id IS DISTINCT FROM NEW.case_id
  OR made.decided_by_id IS DISTINCT FROM (CASE WHEN undoing THEN job.undone_by_id ELSE job.created_by_id END)
  OR undoing AND (made.kind <> 'undo' OR made.reverses_id IS DISTINCT FROM NEW.decision_id)
  OR NOT undoing AND (
    made.outcome <> job.outcome OR made.policy_version_id IS DISTINCT FROM job.policy_version_id
  ) THEN
  RAISE EXCEPTION 'This is not the decision that the bulk job is about: it is made in the name of its creator, on this '
    'case, as the preview showed it.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_bulkitem_made', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
