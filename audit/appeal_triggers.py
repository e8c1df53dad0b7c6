"""Triggers of appeals: who may appeal what until when, and who may review it."""

from typing import Any

import pgtrigger

from audit.decision_triggers import ME, refuse
from core.db.triggers import Trigger

DUE = "interval '14 days'"
"""How soon an appeal should be decided."""

RECEIVED_OWN = (
    "We received your appeal against the decision of %s. Somebody who did not take that decision will look at it, and "
    "you will be told the outcome."
)
RECEIVED_OTHER = (
    "An appeal against the decision of %s, which concerns you too, was received. Somebody who did not take that "
    "decision will look at it, and you will be told the outcome."
)


class StampsAppeal(Trigger):
    """Within six months, by whom the decision goes against: the person concerned, or somebody who reported in vain."""

    name = "16_stamp"
    words = (
        "Takes person, decider, side and times of an appeal from the decision. Refuses one that comes too late, from "
        "somebody whom it does not concern, in favour of whom it went, or against what was reversed already."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("made", "audit_decision%ROWTYPE")]

    def get_func(self, model: Any) -> str:
        return f"""
SELECT * INTO made FROM audit_decision d WHERE d.id = NEW.decision_id FOR KEY SHARE;
IF NEW.appellant_id = made.person_id THEN
  NEW.side := 'author';
ELSIF EXISTS (
  SELECT FROM audit_report r WHERE r.case_id = made.case_id AND r.reporter_id = NEW.appellant_id
) THEN
  NEW.side := 'reporter';
ELSE
  {refuse("audit_appeal_side", "Only the person concerned and those who reported can appeal this decision.")}
END IF;
IF statement_timestamp() >= made.appeal_until THEN
  {refuse("audit_appeal_window", "The six months for an appeal against this decision are over.")}
ELSIF EXISTS (SELECT FROM audit_decision d WHERE d.reverses_id = made.id) THEN
  {refuse("audit_appeal_reversed", "This decision was reversed already; there is nothing left to appeal.")}
ELSIF NEW.side = 'author' AND made.outcome <> 'violation' THEN
  {refuse("audit_appeal_favour", "This decision is in your favour; there is nothing to appeal.")}
ELSIF NEW.side = 'reporter' AND made.outcome = 'violation' THEN
  {refuse("audit_appeal_favour", "This decision upheld the report; there is nothing to appeal.")}
END IF;
NEW.person_id := made.person_id;
NEW.decided_by_id := made.decided_by_id;
NEW.filed_at := statement_timestamp();
NEW.due_at := NEW.filed_at + {DUE};
RETURN NEW;"""


class MovesAppeal(Trigger):
    """Who reviews takes it in their own name, has nothing to do with the decision, and ends it themselves."""

    name = "50_review"
    words = (
        "An appeal is taken in one's own name, never by whoever decided, reported, or had the decision made in bulk, "
        "and decided by whoever took it. Overturned: by a decision that reverses the appealed one or takes it anew."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status", "reviewer_id", "reversal_id")

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("me", f"uuid := {ME}"), ("matter", "uuid")]

    def get_func(self, model: Any) -> str:
        return f"""
IF NEW.status = OLD.status THEN
  IF ROW(NEW.reviewer_id, NEW.reversal_id) IS DISTINCT FROM ROW(OLD.reviewer_id, OLD.reversal_id) THEN
    {refuse("audit_appeal_keeps", "An appeal keeps its reviewer. Return it, so that somebody else can take it.")}
  END IF;
  RETURN NEW;
END IF;
SELECT d.case_id INTO matter FROM audit_decision d WHERE d.id = NEW.decision_id;
IF NEW.status = 'reviewing' THEN
  IF NEW.reviewer_id IS DISTINCT FROM me THEN
    {refuse("audit_appeal_taken", "An appeal is taken in one''s own name.")}
  ELSIF EXISTS (SELECT FROM audit_report r WHERE r.case_id = matter AND r.reporter_id = NEW.reviewer_id) THEN
    {refuse("audit_appeal_reporter", "Whoever reported the matter does not review the appeal.")}
  ELSIF EXISTS (
    SELECT FROM audit_bulkitem i JOIN audit_bulkjob j ON j.id = i.job_id
    WHERE i.decision_id = NEW.decision_id AND NEW.reviewer_id IN (j.created_by_id, j.approved_by_id)
  ) THEN
    {refuse("audit_appeal_bulk", "Whoever asked for or approved the bulk job does not review the appeal.")}
  END IF;
  RETURN NEW;
END IF;
IF NEW.status = 'filed' THEN
  RETURN NEW;
END IF;
IF OLD.reviewer_id IS DISTINCT FROM me OR NEW.reviewer_id IS DISTINCT FROM OLD.reviewer_id THEN
  {refuse("audit_appeal_reviewed_by", "An appeal is decided by whoever took it.")}
END IF;
NEW.reviewed_at := statement_timestamp();
IF NEW.status = 'overturned' AND NOT EXISTS (
  SELECT FROM audit_decision d
  WHERE d.id = NEW.reversal_id AND (
    d.reverses_id = NEW.decision_id
    OR NEW.side = 'reporter' AND d.case_id = matter AND d.outcome = 'violation' AND d.id > NEW.decision_id
  )
) THEN
  {refuse("audit_appeal_reversal", "An overturned decision is reversed by another decision, or taken anew.")}
END IF;
RETURN NEW;"""


class TellsReceipt(Trigger):
    """Both sides are told of an appeal in the transaction in which it is filed, and the case says so."""

    name = "60_tell"
    words = (
        "Tells both sides that an appeal was received, naming nobody, and puts it on record with the case."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
INSERT INTO audit_decisionnotification (id, recipient_id, kind, decision_id, appeal_id, words)
SELECT uuidv7(), told.id, 'appeal_received', NEW.decision_id, NEW.id,
  format(
    CASE WHEN told.id = NEW.appellant_id THEN '{RECEIVED_OWN}' ELSE '{RECEIVED_OTHER}' END,
    to_char(d.decided_at AT TIME ZONE 'UTC', 'FMDD Month YYYY')
  )
FROM audit_decision d, LATERAL (
  SELECT NEW.appellant_id AS id
  UNION
  SELECT d.person_id WHERE NEW.side = 'reporter'
  UNION
  SELECT r.reporter_id FROM audit_report r
  WHERE NEW.side = 'author' AND r.case_id = d.case_id AND r.reporter_id IS NOT NULL AND r.source = 'user'
) AS told
WHERE d.id = NEW.decision_id;
PERFORM moderation_event((SELECT d.case_id FROM audit_decision d WHERE d.id = NEW.decision_id), 'appealed', '');
RETURN NULL;"""
