"""Triggers of decisions, their effects, statements and notifications: what belongs together, and what is refused."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

ACTING = "coalesce(nullif(current_setting('role', true), 'none'), session_user)"
"""The role in which it is done, inside functions of the owner too."""

ME = "nullif(current_setting('app.user_id', true), '')::uuid"

APPEAL_WINDOW = "interval '6 months'"
"""How long a decision can be appealed (Regulation (EU) 2022/2065, article 20(1))."""

LONGEST_OF_MODERATORS = "interval '30 days 1 minute'"
"""For how long a moderator suspends; the minute is for the time since the end was chosen."""


def refuse(constraint: str, words: str) -> str:
    """SQL that refuses the row with a sentence for people."""
    return f"""RAISE EXCEPTION '{words}'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}', TABLE = TG_TABLE_NAME;"""


class StampsDecision(Trigger):
    """Who decided what, when and about whom is taken from the case, the transaction and the clock of the database.

    Takes the lock of the case, so that of two decisions at once the second sees what the first has done.
    """

    name = "16_stamp"
    words = (
        "Sets person, role, time and the end of the time for appeals of a decision. Refuses one on a case that is "
        "closed, decided, or held by a colleague, on a policy that does not hold, and a reversal of what cannot be "
        "reversed."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("matter", "audit_case%ROWTYPE"), ("earlier", "audit_decision%ROWTYPE")]

    def get_func(self, model: Any) -> str:
        return f"""
SELECT * INTO matter FROM audit_case c WHERE c.id = NEW.case_id FOR UPDATE;
IF NOT FOUND THEN
  {refuse("audit_decision_case", "There is no such case to decide on.")}
END IF;
NEW.person_id := matter.person_id;
NEW.decided_at := statement_timestamp();
NEW.acting_role := {ACTING};
NEW.appeal_until := NEW.decided_at + {APPEAL_WINDOW};
NEW.xact := pg_current_xact_id();
IF NEW.reverses_id IS NULL THEN
  IF matter.status = 'closed' THEN
    {refuse("audit_decision_closed", "This case is closed. Reopen it first.")}
  ELSIF matter.status = 'decided' THEN
    {refuse("audit_decision_decided", "This case is decided already. Reopen it, or reverse the decision.")}
  ELSIF matter.claimed_until > statement_timestamp() AND matter.claimed_by_id IS DISTINCT FROM NEW.decided_by_id THEN
    {refuse("audit_decision_held", "A colleague holds this case.")}
  END IF;
ELSE
  SELECT * INTO earlier FROM audit_decision d WHERE d.id = NEW.reverses_id;
  IF earlier.case_id IS DISTINCT FROM NEW.case_id THEN
    {refuse("audit_decision_reverses", "A reversal is made on the case of what it reverses.")}
  ELSIF earlier.outcome = 'reversal' THEN
    {refuse("audit_decision_reverses", "A reversal is not reversed. Reopen the case and decide anew.")}
  ELSIF NEW.acting_role = 'vbl_moderator' AND earlier.decided_by_id IS DISTINCT FROM NEW.decided_by_id THEN
    {refuse("audit_decision_reverser", "A moderator reverses own decisions; those of colleagues are for leads.")}
  ELSIF NEW.kind = 'appeal' AND NOT EXISTS (
    SELECT FROM audit_appeal a
    WHERE a.decision_id = NEW.reverses_id AND a.status = 'reviewing' AND a.reviewer_id = NEW.decided_by_id
  ) THEN
    {refuse("audit_decision_appeal", "A reversal on appeal is made by whoever reviews the appeal.")}
  END IF;
END IF;
IF NEW.policy_version_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM audit_policyversion v JOIN audit_moderationpolicy p ON p.id = v.policy_id
  WHERE v.id = NEW.policy_version_id AND v.status = 'published' AND v.effective_at <= statement_timestamp()
    AND (p.retired_at IS NULL OR p.retired_at > statement_timestamp())
    AND NOT EXISTS (
      SELECT FROM audit_policyversion later
      WHERE later.policy_id = v.policy_id AND later.status = 'published'
        AND later.effective_at > v.effective_at AND later.effective_at <= matter.first_reported_at
    )
) THEN
  {refuse("audit_decision_policy", "This wording of the policy does not hold, and did not when it was reported.")}
END IF;
RETURN NEW;"""


class ReversalIsOnRecord(Trigger):
    """A reversal moves no case, so that its entry among what happened to the case is written here."""

    name = "60_record"
    words = "Puts a reversal on record with its case."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
IF NEW.outcome = 'reversal' THEN
  PERFORM moderation_event(NEW.case_id, 'decided', NEW.reasons);
END IF;
RETURN NULL;"""


class AsDecided(Trigger):
    """When the transaction ends, a decision is whole: nothing half-done, nothing said that was not done."""

    name = "70_whole"
    words = (
        "Refuses, when the transaction ends, a violation without effect, statement or strike, a finding of no "
        "violation with any, and a reversal that leaves an effect or the strike standing."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert
    timing = pgtrigger.Deferred

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("effects", "integer"), ("axes", "text[]"), ("told", "text[]"), ("due", "integer")]

    def get_func(self, model: Any) -> str:
        return f"""
SELECT count(*), array_agg(DISTINCT e.axis ORDER BY e.axis) FILTER (WHERE e.axis <> 'none')
INTO effects, axes FROM audit_decisioneffect e WHERE e.decision_id = NEW.id;
SELECT array_agg(DISTINCT r.axis ORDER BY r.axis) INTO told
FROM audit_statementofreasons s, unnest(s.restrictions) AS r(axis) WHERE s.decision_id = NEW.id;
IF NEW.outcome = 'violation' THEN
  IF effects = 0 THEN
    {refuse("audit_decision_effects", "A violation has at least one effect; a warning is one.")}
  ELSIF axes IS DISTINCT FROM told THEN
    {refuse("audit_decision_statement", "A statement of reasons names exactly the restrictions that were imposed.")}
  END IF;
  SELECT v.strike_points INTO due FROM audit_policyversion v WHERE v.id = NEW.policy_version_id;
  IF (due > 0) <> EXISTS (SELECT FROM audit_strike s WHERE s.decision_id = NEW.id) THEN
    {refuse("audit_decision_strike", "A violation brings the strike that its policy says.")}
  END IF;
ELSIF told IS NOT NULL OR EXISTS (SELECT FROM audit_strike s WHERE s.decision_id = NEW.id) THEN
  {refuse("audit_decision_statement", "Only a violation has a statement of reasons and a strike.")}
ELSIF NEW.outcome = 'no_violation' AND effects > 0 THEN
  {refuse("audit_decision_effects", "Where nothing was violated there is no effect.")}
ELSIF NEW.outcome = 'reversal' THEN
  IF EXISTS (
    SELECT FROM audit_decisioneffect e
    WHERE e.decision_id = NEW.reverses_id
      AND NOT EXISTS (SELECT FROM audit_decisioneffect u WHERE u.undoes_id = e.id AND u.decision_id = NEW.id)
  ) THEN
    {refuse("audit_decision_undone", "A reversal undoes every effect of what it reverses.")}
  ELSIF EXISTS (
    SELECT FROM audit_strike s
    WHERE s.decision_id = NEW.reverses_id AND s.revoked_by_id IS DISTINCT FROM NEW.id
  ) THEN
    {refuse("audit_decision_strike", "A reversal revokes the strike of what it reverses.")}
  END IF;
END IF;
RETURN NULL;"""


class StampsEffect(Trigger):
    """An effect belongs to a decision of the same transaction, and hits the person of that decision alone."""

    name = "16_stamp"
    words = (
        "Sets the person of an effect. Refuses one of an earlier decision, on somebody else, and an undoing of "
        "anything but the same effect of the decision that is reversed."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("made", "audit_decision%ROWTYPE"), ("undone", "audit_decisioneffect%ROWTYPE")]

    def get_func(self, model: Any) -> str:
        return f"""
SELECT * INTO made FROM audit_decision d WHERE d.id = NEW.decision_id;
IF made.xact IS DISTINCT FROM pg_current_xact_id() THEN
  {refuse("audit_decisioneffect_xact", "Effects are written with their decision, never afterwards.")}
END IF;
NEW.person_id := made.person_id;
IF NEW.undoes_id IS NULL THEN
  IF made.outcome = 'reversal' THEN
    {refuse("audit_decisioneffect_undoes", "A reversal undoes effects; it has none of its own.")}
  ELSIF moderation_subject_person(NEW.target_kind, NEW.target_id) IS DISTINCT FROM made.person_id THEN
    {refuse("audit_decisioneffect_person", "This is not there, or belongs to another person than the case.")}
  ELSIF NEW.kind = 'suspend' AND made.acting_role = 'vbl_moderator'
    AND coalesce(NEW.ends_at, 'infinity') > made.decided_at + {LONGEST_OF_MODERATORS} THEN
    {refuse("audit_decisioneffect_suspend", "Lead moderators suspend for more than 30 days or without an end.")}
  END IF;
  RETURN NEW;
END IF;
SELECT * INTO undone FROM audit_decisioneffect e WHERE e.id = NEW.undoes_id;
IF undone.decision_id IS DISTINCT FROM made.reverses_id
  OR ROW(undone.kind, undone.target_kind, undone.target_id) IS DISTINCT FROM
    ROW(NEW.kind, NEW.target_kind, NEW.target_id) THEN
  {refuse("audit_decisioneffect_undoes", "A reversal undoes the effects of what it reverses, each as it was.")}
END IF;
RETURN NEW;"""


class StampsStatement(Trigger):
    """A statement explains a decision of the same transaction to the person whom it concerns."""

    name = "16_stamp"
    words = (
        "Sets person and time of a statement; refuses one of an earlier decision, or that says another thing."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("made", "audit_decision%ROWTYPE")]

    def get_func(self, model: Any) -> str:
        return f"""
SELECT * INTO made FROM audit_decision d WHERE d.id = NEW.decision_id;
IF made.xact IS DISTINCT FROM pg_current_xact_id() OR made.outcome IS DISTINCT FROM 'violation' THEN
  {refuse("audit_statementofreasons_xact", "A statement of reasons is issued with the violation that it explains.")}
ELSIF ROW(NEW.facts, NEW.automated_detection, NEW.automated_decision, NEW.territories) IS DISTINCT FROM
    ROW(made.reasons, made.automated_detection, made.automated_decision, made.territories) THEN
  {refuse("audit_statementofreasons_agrees", "A statement of reasons says what the decision says.")}
END IF;
NEW.person_id := made.person_id;
NEW.issued_at := made.decided_at;
NEW.submitted_at := NULL;
RETURN NEW;"""


class StampsNotification(Trigger):
    """When somebody was told."""

    name = "16_stamp"
    words = "Sets when somebody was told."
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
NEW.issued_at := statement_timestamp();
RETURN NEW;"""
