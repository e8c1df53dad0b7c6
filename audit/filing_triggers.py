"""Triggers of filings: the deadline of the statute, whose filing it is, four eyes, and that what was filed stays."""

from datetime import timedelta
from typing import Any

import pgtrigger

from audit.filing_choices import FilingKind
from audit.filing_rules import FILING_RULES
from billing.payment_triggers import ACTS
from core.db.triggers import Trigger, only_rotates
from streams.broadcast_triggers import ACTING

HOUR = timedelta(hours=1)


def refusal(sentence: str, rule: str, table: str = "audit_compliancefiling") -> str:
    """The statement that refuses with a sentence for people, under the name of a rule."""
    words = sentence.replace("'", "''")
    return (
        f"RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation', "
        f"CONSTRAINT = '{table}_{rule}', TABLE = TG_TABLE_NAME;"
    )


def _limit(kind: FilingKind) -> str:
    within = FILING_RULES[kind].within
    if within is None:
        return "make_timestamptz(NEW.reporting_year + 1, 2, 1, 0, 0, 0, 'UTC')"
    return f"NEW.aware_at + interval '{within // HOUR} hours'"


class SetsDeadline(Trigger):
    """The deadline is that of the statute. Only an order of an authority brings a date of its own."""

    name = "15_due"
    words = "Computes by when a filing is due; refuses a later date than the law's, and awareness that lies ahead."
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = (("v_limit", "timestamptz"),)

    def get_func(self, model: Any) -> str:
        cases = "\n".join(f"  WHEN '{kind.value}' THEN {_limit(kind)}" for kind in FILING_RULES)
        free = ", ".join(f"'{kind.value}'" for kind, known in FILING_RULES.items() if not known.is_ceiling)
        return f"""
NEW.overdue_told_at := NULL;
IF NEW.kind = 'tax_report' THEN
  IF NEW.reporting_year IS NULL THEN
    {refusal("A tax report names its reporting year.", "reporting_year")}
  END IF;
  NEW.aware_at := make_timestamptz(NEW.reporting_year + 1, 1, 1, 0, 0, 0, 'UTC');
ELSIF NEW.aware_at > clock_timestamp() THEN
  {refusal("The house became aware of it before now; this date lies in the future.", "aware_at")}
END IF;
v_limit := CASE NEW.kind
{cases}
END;
IF v_limit IS NULL THEN
  {refusal("There is no such kind of filing.", "kind")}
ELSIF NEW.due_at IS NULL THEN
  NEW.due_at := v_limit;
ELSIF NEW.due_at > v_limit AND NEW.kind NOT IN ({free}) THEN
  {refusal("The law wants it earlier than that. Leave the date empty, or give an earlier one.", "due_at")}
END IF;
RETURN NEW;"""


class BelongsToPerson(Trigger):
    """Whom a filing is about follows from its case; nobody files about themselves; an amendment is about the same."""

    name = "20_about"
    words = (
        "Takes the person from the case, and kind, person, case and number from what is amended; refuses a person who "
        "is not that of the case, an amendment of what was not filed, and whoever it is about as its author."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = (("v_person", "uuid"), ("before", "audit_compliancefiling"))

    def get_func(self, model: Any) -> str:
        return f"""
IF {ACTS} IS NULL THEN
  {refusal("A filing is prepared by a person.", "person")}
END IF;
NEW.prepared_by_id := {ACTS};
NEW.writer_ids := ARRAY[{ACTS}];
NEW.status_since := clock_timestamp();
NEW.number := 1;
IF NEW.amends_id IS NOT NULL THEN
  SELECT f.* INTO before FROM audit_compliancefiling f WHERE f.id = NEW.amends_id FOR NO KEY UPDATE;
  IF before.status IS NULL OR before.status NOT IN ('filed', 'closed') THEN
    {refusal("What was filed is amended, and the latest version of it alone.", "amends")}
  END IF;
  IF NEW.kind <> before.kind THEN
    {refusal("An amendment is of the same kind as what it amends.", "amends")}
  END IF;
  NEW.number := before.number + 1;
  NEW.person_id := before.person_id;
  NEW.case_id := before.case_id;
  NEW.takedown_id := before.takedown_id;
  NEW.reporting_year := before.reporting_year;
END IF;
IF NEW.case_id IS NOT NULL THEN
  SELECT c.person_id INTO v_person FROM audit_case c WHERE c.id = NEW.case_id;
  NEW.person_id := coalesce(NEW.person_id, v_person);
  IF NEW.person_id IS DISTINCT FROM v_person THEN
    {refusal("This case is about somebody else. Name its person, or prepare the filing without it.", "case")}
  END IF;
END IF;
IF NEW.person_id = {ACTS} OR EXISTS (
  SELECT FROM audit_takedownnotice n WHERE n.id = NEW.takedown_id AND n.performer_ids @> ARRAY[{ACTS}]
) THEN
  {refusal("This is about yourself. A colleague prepares it.", "own")}
END IF;
RETURN NEW;"""


class FourEyes(Trigger):
    """Who moves a filing is whoever acts; who wrote a word of it neither approves nor drops it; what is out stays."""

    name = "46_four_eyes"
    words = (
        "Takes authors, approver and filer from whoever acts; refuses to approve or drop what one wrote, to file "
        "without approval or reference, to rewrite after the draft, and everything after that but answer and amendment."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        stamped = (
            "submitted_at",
            "approved_by_id",
            "approved_at",
            "filed_by_id",
            "filed_at",
            "authority_reference",
            "outcome",
            "outcome_at",
            "status_since",
        )
        new, old = (", ".join(f"{row}.{column}" for column in stamped) for row in ("NEW", "OLD"))
        return f"""
IF {only_rotates(model, frozenset({"updated_at", "version"}))} THEN
  RETURN NEW;
END IF;
IF NEW.person_id = {ACTS} OR EXISTS (
  SELECT FROM audit_takedownnotice n WHERE n.id = NEW.takedown_id AND n.performer_ids @> ARRAY[{ACTS}]
) THEN
  {refusal("This is about yourself. A colleague handles it.", "own")}
END IF;
IF NEW.hold_id IS DISTINCT FROM OLD.hold_id AND (OLD.hold_id IS NOT NULL OR NOT EXISTS (
  SELECT FROM audit_legalhold h WHERE h.id = NEW.hold_id AND h.person_id = NEW.person_id
)) THEN
  {refusal("A filing names one hold for good, over the person whom it is about.", "hold")}
END IF;
IF ROW(NEW.words, NEW.authority, NEW.legal_basis) IS DISTINCT FROM ROW(OLD.words, OLD.authority, OLD.legal_basis) THEN
  IF OLD.status <> 'draft' OR NEW.status <> 'draft' THEN
    {refusal("Only a draft is rewritten. What was filed is amended.", "frozen")}
  END IF;
  IF {ACTS} IS NULL THEN
    {refusal("A filing is written by a person.", "person")}
  END IF;
  NEW.writer_ids := array_append(array_remove(OLD.writer_ids, {ACTS}), {ACTS});
ELSIF NEW.writer_ids IS DISTINCT FROM OLD.writer_ids THEN
  {refusal("Who wrote a filing is kept by the database.", "frozen")}
END IF;
IF NEW.status = OLD.status THEN
  IF ROW({new}) IS DISTINCT FROM ROW({old}) THEN
    {refusal("What happened to a filing is never rewritten.", "frozen")}
  END IF;
  RETURN NEW;
END IF;
IF {ACTS} IS NULL THEN
  {refusal("A filing is moved by a person.", "person")}
END IF;
NEW.status_since := clock_timestamp();
IF NEW.status IN ('approved', 'dropped') AND {ACTS} = ANY (NEW.writer_ids) THEN
  {refusal("Who wrote a filing does not decide about it. Ask a colleague of compliance.", "four_eyes")}
END IF;
IF NEW.status <> 'filed' THEN
  NEW.filed_by_id := OLD.filed_by_id;
  NEW.filed_at := OLD.filed_at;
  NEW.authority_reference := OLD.authority_reference;
END IF;
IF NEW.status <> 'closed' THEN
  NEW.outcome := OLD.outcome;
  NEW.outcome_at := OLD.outcome_at;
END IF;
IF NEW.status NOT IN ('submitted', 'draft') THEN
  NEW.submitted_at := OLD.submitted_at;
END IF;
IF NEW.status NOT IN ('approved', 'draft') THEN
  NEW.approved_by_id := OLD.approved_by_id;
  NEW.approved_at := OLD.approved_at;
END IF;
CASE NEW.status
WHEN 'draft' THEN
  NEW.submitted_at := NULL;
  NEW.approved_by_id := NULL;
  NEW.approved_at := NULL;
WHEN 'submitted' THEN
  NEW.submitted_at := clock_timestamp();
WHEN 'approved' THEN
  NEW.approved_by_id := {ACTS};
  NEW.approved_at := clock_timestamp();
WHEN 'filed' THEN
  NEW.filed_by_id := {ACTS};
  NEW.filed_at := coalesce(NEW.filed_at, clock_timestamp());
  IF NEW.filed_at > clock_timestamp() THEN
    {refusal("It was filed before now; this time lies in the future.", "filed_at")}
  END IF;
WHEN 'closed' THEN
  NEW.outcome_at := coalesce(NEW.outcome_at, clock_timestamp());
  IF NEW.outcome_at > clock_timestamp() THEN
    {refusal("The authority answered before now; this time lies in the future.", "outcome_at")}
  END IF;
WHEN 'amended' THEN
  IF NOT EXISTS (SELECT FROM audit_compliancefiling f WHERE f.amends_id = NEW.id AND f.status = 'filed') THEN
    {refusal("A filing is replaced by an amendment that was filed.", "amended")}
  END IF;
ELSE
  NULL;
END CASE;
RETURN NEW;"""


class ReplacesAmended(Trigger):
    """An amendment that is filed takes the place of what it amends, in the same statement."""

    name = "85_replace"
    words = "Marks what a filed amendment amends as replaced."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return """
IF NEW.status = 'filed' AND OLD.status <> 'filed' AND NEW.amends_id IS NOT NULL THEN
  UPDATE audit_compliancefiling f SET status = 'amended' WHERE f.id = NEW.amends_id;
END IF;
RETURN NULL;"""


class RecordsFilingMoves(Trigger):
    """Puts the first state and every move on record, whoever makes it and how."""

    name = "90_record_move"
    words = (
        "Writes a row of audit_filingtransition for the first state and for every move, with actor and role."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'UPDATE' THEN
  IF NEW.status IS NOT DISTINCT FROM OLD.status THEN
    RETURN NULL;
  END IF;
END IF;
INSERT INTO audit_filingtransition (id, filing_id, from_status, to_status, moved_at, actor_id, acting_role)
VALUES (
  uuidv7(), NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status, clock_timestamp(), {ACTS}, {ACTING}
);
RETURN NULL;"""
