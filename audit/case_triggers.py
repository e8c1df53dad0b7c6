"""Triggers of cases: which moves are possible to whom, their times, their record, and what follows them."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

APPEAL_WINDOW = "6 months"
KEPT_AFTER_WINDOW = "31 days"


def free_status(row: str) -> str:
    """SQL for the state in which a case of `row` waits when nobody holds it."""
    return (
        f"(CASE WHEN {row}.escalated_at IS NOT NULL THEN 'escalated' WHEN {row}.reopened_at IS NOT NULL THEN "
        "'reopened' ELSE 'open' END)"
    )


class GuardsMoves(Trigger):
    """Who may move a case, with the times by the clock of the database.

    `current_user` is the owner in the triggers of claims and reports, which may do what no role may.
    """

    name = "50_guard"
    words = (
        "A case is claimed by a claim, escalated and decided by its holder, decided with a decision; other queues and "
        "due times are for leads and rules. Sets the times of every move."
    )
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [
            ("me", "uuid := nullif(current_setting('app.user_id', true), '')::uuid"),
            ("as_owner", "boolean := current_user = 'vbl_owner'"),
            ("held", "boolean"),
            ("time_of_queue", "interval"),
        ]

    def get_func(self, model: Any) -> str:
        return f"""
held := OLD.status = 'claimed' AND OLD.claimed_until > statement_timestamp();
IF NOT as_owner THEN
  IF NEW.leads_only IS DISTINCT FROM OLD.leads_only OR NEW.due_at IS DISTINCT FROM OLD.due_at THEN
    RAISE EXCEPTION 'Who sees a case and when it is due follows from its queue.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_case_follows_queue', TABLE = TG_TABLE_NAME;
  END IF;
  IF NEW.queue_id IS DISTINCT FROM OLD.queue_id THEN
    IF OLD.status = 'closed' THEN
      RAISE EXCEPTION 'A closed case waits in no queue. Reopen it first.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_case_queue_of_closed', TABLE = TG_TABLE_NAME;
    END IF;
    IF current_user = 'vbl_moderator' AND NOT (OLD.status = 'claimed' AND NEW.status = 'escalated') THEN
      RAISE EXCEPTION 'Lead moderators move cases between queues. Escalate this one instead.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_case_queue_mover', TABLE = TG_TABLE_NAME;
    END IF;
    NEW.queue_is_chosen := true;
  ELSIF NEW.queue_is_chosen AND NOT OLD.queue_is_chosen THEN
    RAISE EXCEPTION 'A queue is chosen by moving the case there.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_case_queue_chosen', TABLE = TG_TABLE_NAME;
  END IF;
END IF;
IF NEW.queue_id IS DISTINCT FROM OLD.queue_id AND NEW.queue_is_chosen THEN
  SELECT q.due_within INTO time_of_queue FROM audit_queue q WHERE q.id = NEW.queue_id;
  NEW.due_at := least(NEW.due_at, statement_timestamp() + time_of_queue);
END IF;
IF NEW.status IS NOT DISTINCT FROM OLD.status THEN
  IF NOT as_owner THEN
    NEW.escalated_at := OLD.escalated_at; NEW.escalation_route := OLD.escalation_route;
    NEW.reopened_at := OLD.reopened_at; NEW.decided_at := OLD.decided_at; NEW.closed_at := OLD.closed_at;
  END IF;
  RETURN NEW;
END IF;
IF NOT as_owner THEN
  IF NEW.status = 'claimed' THEN
    RAISE EXCEPTION 'A case is claimed by a claim, which its row follows.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_case_claimed_by_claim', TABLE = TG_TABLE_NAME;
  END IF;
  IF OLD.status = 'claimed' AND NOT held THEN
    IF NEW.status <> {free_status("OLD")} THEN
      RAISE EXCEPTION 'The lease of this case has run out. Claim it again.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_case_lease', TABLE = TG_TABLE_NAME;
    END IF;
  ELSIF OLD.status = 'claimed' AND NEW.status IN ('open', 'reopened') THEN
    RAISE EXCEPTION 'A case that somebody holds becomes free when they release it, or when their lease ends.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_case_held', TABLE = TG_TABLE_NAME;
  ELSIF OLD.status = 'claimed' AND OLD.claimed_by_id IS DISTINCT FROM me THEN
    RAISE EXCEPTION 'A colleague holds this case.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_case_holder', TABLE = TG_TABLE_NAME;
  END IF;
  IF NEW.status = 'decided' AND NOT EXISTS (
    SELECT FROM audit_decision d WHERE d.case_id = NEW.id AND d.decided_at >= transaction_timestamp()
  ) THEN
    RAISE EXCEPTION 'A case is decided by a decision, in the same transaction.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_case_without_decision', TABLE = TG_TABLE_NAME;
  END IF;
  NEW.reopened_at := OLD.reopened_at; NEW.decided_at := OLD.decided_at;
END IF;
IF OLD.status = 'claimed' THEN
  NEW.claimed_by_id := NULL; NEW.claimed_until := NULL;
END IF;
IF NEW.status = 'escalated' AND held AND (NOT as_owner OR NEW.escalation_route IS DISTINCT FROM OLD.escalation_route)
THEN
  NEW.escalated_at := statement_timestamp();
ELSIF NEW.status IN ('decided', 'closed') THEN
  NEW.escalated_at := NULL; NEW.escalation_route := NULL;
ELSIF NOT as_owner THEN
  NEW.escalated_at := OLD.escalated_at; NEW.escalation_route := OLD.escalation_route;
END IF;
IF NEW.status = 'decided' THEN
  NEW.decided_at := statement_timestamp();
END IF;
NEW.closed_at := CASE WHEN NEW.status = 'closed' THEN statement_timestamp() END;
IF NEW.status = 'reopened' AND OLD.status IN ('decided', 'closed') THEN
  IF OLD.status = 'closed' THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit_case of ' || NEW.subject_kind || NEW.subject_id, 0));
  END IF;
  SELECT q.due_within INTO time_of_queue FROM audit_queue q WHERE q.id = NEW.queue_id;
  NEW.reopened_at := statement_timestamp();
  NEW.due_at := statement_timestamp() + time_of_queue;
END IF;
RETURN NEW;"""


class RecordsMoves(Trigger):
    """Writes what happened to a case, whoever moved it; ends the claim of a case that is claimed no more."""

    name = "90_record_move"
    words = (
        "Puts moves of a case other than claims on record, with the reason that the service set, ends its claim, "
        "and says until when its evidence is kept."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'INSERT' THEN
  PERFORM moderation_event(NEW.id, 'opened', '');
  RETURN NULL;
END IF;
IF NEW.queue_id IS DISTINCT FROM OLD.queue_id AND (OLD.report_count > 1 OR NEW.queue_is_chosen) THEN
  PERFORM moderation_event(NEW.id, 'queued', NULL);
END IF;
IF NEW.status IS NOT DISTINCT FROM OLD.status THEN
  RETURN NULL;
END IF;
IF NEW.status IN ('decided', 'closed')
  OR NEW.status = 'escalated' AND NEW.escalated_at IS DISTINCT FROM OLD.escalated_at
  OR NEW.status = 'reopened' AND NEW.reopened_at IS DISTINCT FROM OLD.reopened_at
THEN
  PERFORM moderation_event(NEW.id, NEW.status, NULL);
END IF;
IF OLD.status = 'claimed' THEN
  UPDATE audit_claim c SET valid = tstzrange(lower(c.valid), statement_timestamp())
  WHERE c.case_id = NEW.id AND upper(c.valid) > statement_timestamp();
END IF;
IF NEW.status = 'decided' THEN
  UPDATE audit_evidence e
  SET keep_until = NEW.decided_at + interval '{APPEAL_WINDOW}' + interval '{KEPT_AFTER_WINDOW}'
  WHERE e.case_id = NEW.id;
END IF;
RETURN NULL;"""


class FollowsQueue(Trigger):
    """Whoever may see the queue may see the case, its reports and its evidence."""

    name = "91_follow_queue"
    words = (
        "Lets leads_only of a case follow its queue, and that of its reports and evidence follow the case."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("queue_id", "leads_only")

    def get_func(self, model: Any) -> str:
        return """
UPDATE audit_case c SET leads_only = q.leads_only
FROM audit_queue q
WHERE c.id = NEW.id AND q.id = c.queue_id AND c.leads_only <> q.leads_only;
UPDATE audit_report r SET leads_only = c.leads_only
FROM audit_case c WHERE c.id = NEW.id AND r.case_id = c.id AND r.leads_only <> c.leads_only;
UPDATE audit_evidence e SET leads_only = c.leads_only
FROM audit_case c WHERE c.id = NEW.id AND e.case_id = c.id AND e.leads_only <> c.leads_only;
RETURN NULL;"""


class StampsEvent(Trigger):
    """About whom, in which role and when, whatever the statement says."""

    name = "16_stamp"
    words = "Sets person, role and time of what happened to a case."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
SELECT c.person_id INTO NEW.person_id FROM audit_case c WHERE c.id = NEW.case_id;
NEW.acting_role := coalesce(nullif(current_setting('role', true), 'none'), session_user);
NEW.at := clock_timestamp();
RETURN NEW;"""


class StampsSeen(Trigger):
    """Nobody says that a page is open at another time than now."""

    name = "16_stamp"
    words = "Sets when the page was seen open."
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return """
NEW.seen_at := statement_timestamp();
RETURN NEW;"""
