"""Triggers of strikes and of what the ladder proposes."""

from typing import Any

import pgtrigger

from audit.decision_triggers import refuse
from core.db.triggers import Trigger

LADDER = "strike ladder"
"""What reports that the strikes of a person have reached a step."""


class StampsStrike(Trigger):
    """How much a strike counts and for how long, the policy says; a reversal of its decision alone revokes it."""

    name = "16_stamp"
    words = (
        "Takes person, points and times of a strike from its decision and the policy; it is revoked by the reversal of "
        "the decision, in the same transaction."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("made", "audit_decision%ROWTYPE"), ("wording", "audit_policyversion%ROWTYPE")]

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'UPDATE' THEN
  IF NEW.revoked_by_id IS NOT DISTINCT FROM OLD.revoked_by_id THEN
    NEW.revoked_at := OLD.revoked_at;
    RETURN NEW;
  END IF;
  IF OLD.revoked_by_id IS NOT NULL OR NOT EXISTS (
    SELECT FROM audit_decision d
    WHERE d.id = NEW.revoked_by_id AND d.reverses_id = NEW.decision_id AND d.xact = pg_current_xact_id()
  ) THEN
    {refuse("audit_strike_revoked_by", "A strike is revoked once, by the reversal of its decision.")}
  END IF;
  NEW.revoked_at := statement_timestamp();
  RETURN NEW;
END IF;
SELECT * INTO made FROM audit_decision d WHERE d.id = NEW.decision_id;
SELECT * INTO wording FROM audit_policyversion v WHERE v.id = made.policy_version_id;
IF made.xact IS DISTINCT FROM pg_current_xact_id() OR wording.strike_points IS NULL OR wording.strike_points = 0 THEN
  {refuse("audit_strike_decision", "A strike comes with a violation of a policy that says so.")}
END IF;
NEW.person_id := made.person_id;
NEW.points := wording.strike_points;
NEW.issued_at := made.decided_at;
NEW.expires_at := made.decided_at + make_interval(days => wording.strike_days);
NEW.revoked_by_id := NULL;
NEW.revoked_at := NULL;
RETURN NEW;"""


class ClimbsLadder(Trigger):
    """When the points in force newly reach a step of the ladder, the highest one becomes a proposal on a case.

    Nothing is done to anybody: the case is about the person, reported by the ladder, and a member of staff decides it.
    Two strikes of one person at once count one another.
    """

    name = "60_climb"
    words = (
        "Proposes the action of the highest step that the points in force of the person have newly reached, on a case "
        "about the person that it opens by a report. Never acts by itself."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [
            ("sum_of_points", "integer"),
            ("reached", "audit_strikeladderstep%ROWTYPE"),
            ("report", "uuid := uuidv7()"),
            ("matter", "uuid"),
        ]

    def get_func(self, model: Any) -> str:
        return f"""
PERFORM pg_advisory_xact_lock(hashtextextended('audit_strike ' || NEW.person_id, 0));
SELECT sum(s.points) INTO sum_of_points FROM audit_strike s
WHERE s.person_id = NEW.person_id AND s.revoked_at IS NULL AND s.expires_at > statement_timestamp();
SELECT * INTO reached FROM audit_strikeladderstep l
WHERE l.is_active AND l.points <= sum_of_points AND l.points > sum_of_points - NEW.points
ORDER BY l.points DESC LIMIT 1;
-- Of somebody who was erased nothing is left to act on.
IF NOT FOUND OR EXISTS (SELECT FROM accounts_user u WHERE u.id = NEW.person_id AND u.erased_at IS NOT NULL) THEN
  RETURN NULL;
END IF;
INSERT INTO audit_report (
  id, subject_kind, subject_id, category, source, detector, confidence, words, organisation, organisation_reference,
  good_faith, leads_only, status
)
VALUES (
  report, 'person', NEW.person_id, 'repeated_violations', 'automatic', '{LADDER}', 1,
  format('%s points of strikes are in force; the ladder proposes an action from %s on.', sum_of_points, reached.points),
  '', '', false, false, 'received'
);
SELECT r.case_id INTO matter FROM audit_report r WHERE r.id = report;
INSERT INTO audit_actionproposal (
  id, person_id, case_id, triggered_by_id, step_id, points, action, lasts, status, reason
)
VALUES (
  uuidv7(), NEW.person_id, matter, NEW.decision_id, reached.id, sum_of_points, reached.action, reached.lasts, 'open', ''
);
RETURN NULL;"""


class StampsProposal(Trigger):
    """What is proposed is what the ladder says; nobody proposes by hand."""

    name = "16_stamp"
    words = "Proposals come from the ladder alone, in the transaction of the strike that reached the step."
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
IF current_user <> 'vbl_owner' THEN
  {refuse("audit_actionproposal_ladder", "The ladder of strikes proposes actions; nobody else does.")}
END IF;
RETURN NEW;"""


class SettlesProposal(Trigger):
    """A proposal is accepted by a decision that does what is proposed, and withdrawn when its strike is revoked."""

    name = "50_settle"
    words = (
        "Sets when a proposal was settled. Accepted: by a decision of this transaction, on its case, with the proposed "
        "effect. Withdrawn: because the decision that triggered it was reversed."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return f"""
IF NEW.status = OLD.status THEN
  RETURN NEW;
END IF;
NEW.settled_at := statement_timestamp();
IF NEW.status = 'accepted' AND NOT EXISTS (
  SELECT FROM audit_decision d JOIN audit_decisioneffect e ON e.decision_id = d.id
  WHERE d.id = NEW.decision_id AND d.case_id = NEW.case_id AND d.decided_by_id = NEW.settled_by_id
    AND d.xact = pg_current_xact_id() AND e.kind = NEW.action AND e.undoes_id IS NULL
) THEN
  {refuse("audit_actionproposal_accepted", "A proposal is accepted by a decision on its case that does it.")}
ELSIF NEW.status = 'withdrawn' AND NOT EXISTS (
  SELECT FROM audit_decision d WHERE d.reverses_id = NEW.triggered_by_id AND d.xact = pg_current_xact_id()
) THEN
  {refuse("audit_actionproposal_withdrawn", "A proposal is withdrawn by the reversal of what led to it.")}
END IF;
RETURN NEW;"""
