"""Triggers of subject requests: clocks of the law, four eyes, that an answer is true, every move on record."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger
from streams.broadcast_triggers import ACTING

ACTOR = "nullif(current_setting('app.user_id', true), '')::uuid"
"""Who acts in this transaction; null: the system."""

MONTHS_ALLOWED = 3
"""One month, and two further months at most (GDPR art. 12(3))."""


def month_after(months: int, received: str = "NEW.received_at") -> str:
    """The instant so many months after receipt, at the same time of day; a shorter month has its last day."""
    utc = f"({received} AT TIME ZONE 'UTC')"
    return f"billing_anchored_end({received}, {months}, extract(day FROM {utc})::integer, {utc}::time)"


def _refuse(name: str, words: str) -> str:
    return (
        f"RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation', "
        f"CONSTRAINT = 'audit_subjectrequest_{name}', TABLE = TG_TABLE_NAME;"
    )


class BeginsRequest(Trigger):
    """On requests: received now or before, due a month later, with nothing confirmed or decided."""

    name = "15_begin"
    words = "Sets who filed it and when it is due, a month after receipt; nothing is confirmed, extended or answered."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
IF NEW.received_at IS NULL OR {ACTING} IN ('vbl_viewer', 'vbl_performer') THEN
  NEW.received_at := statement_timestamp();
END IF;
IF NEW.received_at > clock_timestamp() THEN
  {_refuse("received", "A request is received before it is filed; this date lies in the future.")}
END IF;
NEW.filed_by_id := {ACTOR};
NEW.due_at := {month_after(1)};
NEW.extended_until := NULL; NEW.extended_at := NULL; NEW.extended_by_id := NULL; NEW.extension_reason := '';
NEW.identity_method := NULL; NEW.identity_confirmed_at := NULL; NEW.identity_confirmed_by_id := NULL;
NEW.handled_by_id := NULL; NEW.run_by_id := NULL; NEW.attempted_at := NULL; NEW.attempt := NULL;
NEW.refusal_ground := NULL; NEW.refusal_reason := ''; NEW.answer := '';
NEW.answered_at := NULL; NEW.answered_by_id := NULL;
NEW.status_since := clock_timestamp();
RETURN NEW;"""


class ClocksOfLaw(Trigger):
    """On requests: a deadline is extended once, in time and with a reason; stamps of people are those of who acts."""

    name = "42_stamp"
    words = (
        "Stamps moves, confirmations, extensions and answers with the acting person and the clock of the database; "
        "refuses a late, second or longer extension."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return f"""
NEW.status_since := CASE WHEN NEW.status IS DISTINCT FROM OLD.status THEN clock_timestamp() ELSE OLD.status_since END;
IF NEW.extended_until IS DISTINCT FROM OLD.extended_until THEN
  IF OLD.extended_until IS NOT NULL THEN
    {_refuse("extended_once", "A request is extended once. Answer it, or refuse what cannot be done.")}
  END IF;
  IF clock_timestamp() > OLD.due_at THEN
    {_refuse("extended_in_time", "An extension is told within the first month (GDPR art. 12(3)); that is over.")}
  END IF;
  IF NEW.extended_until IS NULL OR NEW.extended_until <= OLD.due_at
    OR NEW.extended_until > {month_after(MONTHS_ALLOWED, "OLD.received_at")} THEN
    {_refuse("extended_until", "An extension adds at most two months to the first one (GDPR art. 12(3)).")}
  END IF;
  NEW.extended_at := clock_timestamp();
  NEW.extended_by_id := {ACTOR};
ELSE
  NEW.extended_at := OLD.extended_at; NEW.extended_by_id := OLD.extended_by_id;
  NEW.extension_reason := OLD.extension_reason;
END IF;
IF OLD.identity_confirmed_at IS NOT NULL THEN
  NEW.identity_method := OLD.identity_method;
  NEW.identity_confirmed_at := OLD.identity_confirmed_at;
  NEW.identity_confirmed_by_id := OLD.identity_confirmed_by_id;
ELSIF NEW.identity_method IS NOT NULL THEN
  NEW.identity_confirmed_at := clock_timestamp();
  NEW.identity_confirmed_by_id := {ACTOR};
ELSE
  NEW.identity_confirmed_at := NULL; NEW.identity_confirmed_by_id := NULL;
END IF;
IF NEW.status = 'running' AND OLD.status <> 'running' THEN
  NEW.run_by_id := {ACTOR};
ELSIF OLD.status = 'running' AND NEW.run_by_id IS DISTINCT FROM OLD.run_by_id THEN
  -- A colleague takes it over, in their own name.
  NEW.run_by_id := {ACTOR};
ELSE
  NEW.run_by_id := OLD.run_by_id;
END IF;
IF NEW.status IN ('done', 'partly_refused', 'refused') AND NEW.status <> OLD.status THEN
  NEW.answered_at := clock_timestamp();
  NEW.answered_by_id := {ACTOR};
ELSE
  NEW.answered_at := OLD.answered_at; NEW.answered_by_id := OLD.answered_by_id;
  NEW.refusal_ground := OLD.refusal_ground; NEW.refusal_reason := OLD.refusal_reason;
END IF;
RETURN NEW;"""


class AnswersTruly(Trigger):
    """On requests: a closed one says what is so. What was begun is finished, what was done is not called undone."""

    name = "50_truth"
    words = (
        "Refuses to call a request done that has open or no steps, an erasure whose person is there, and to refuse or "
        "withdraw one of which something was done."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        steps = "SELECT FROM audit_requeststep s WHERE s.request_id = NEW.id"
        erased = "SELECT FROM accounts_user u WHERE u.id = NEW.person_id AND u.erased_at IS NOT NULL"
        return f"""
IF NEW.status IS NOT DISTINCT FROM OLD.status THEN
  RETURN NEW;
END IF;
IF NEW.status IN ('done', 'partly_refused') THEN
  IF length(btrim(NEW.answer)) < 3 THEN
    {_refuse("answer", "A request is answered in words: say what was done.")}
  END IF;
  IF EXISTS ({steps} AND s.done_at IS NULL) THEN
    {_refuse("steps_open", "Some of its steps are not done yet. Carry it out first.")}
  END IF;
  IF NOT EXISTS ({steps}) THEN
    {_refuse("steps", "Nothing was done about this request yet. Carry it out first.")}
  END IF;
  IF NEW.kind = 'erasure' AND NOT EXISTS ({erased}) THEN
    {_refuse("erased", "The person is not erased yet.")}
  END IF;
END IF;
IF NEW.status = 'done' AND EXISTS ({steps} AND s.outcome = 'refused') THEN
  {_refuse("refused_steps", "Something of it was refused: it is done in part, with the ground of that.")}
END IF;
IF NEW.status = 'partly_refused' AND NOT EXISTS ({steps} AND s.outcome = 'refused') THEN
  {_refuse("refused_steps", "It is done in part when a step of it was refused; nothing was.")}
END IF;
IF NEW.status IN ('refused', 'withdrawn') AND EXISTS ({steps} AND s.outcome <> 'refused') THEN
  {_refuse("begun", "Something of it was done already. It is finished and answered, not refused or withdrawn.")}
END IF;
RETURN NEW;"""


class KeepsWords(Trigger):
    """On requests: what was asked and answered stays as it was; it goes with the person, by the owner alone."""

    name = "35_words"
    words = (
        "Refuses other words of who asks, and of an answer that was given; once the person is erased, the owner "
        "empties them."
    )
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("wish", "asker", "answer")

    def get_func(self, model: Any) -> str:
        return """
IF ROW(NEW.wish, NEW.asker) IS NOT DISTINCT FROM ROW(OLD.wish, OLD.asker) AND (
  NEW.answer IS NOT DISTINCT FROM OLD.answer
  OR NEW.status <> OLD.status AND NEW.status IN ('done', 'partly_refused', 'refused')
) THEN
  RETURN NEW;
END IF;
IF NEW.wish = '' AND NEW.asker = '' AND NEW.answer = '' AND current_user = 'vbl_owner' THEN
  IF EXISTS (SELECT FROM accounts_user u WHERE u.id = OLD.person_id AND u.erased_at IS NOT NULL) THEN
    RETURN NEW;
  END IF;
END IF;
RAISE EXCEPTION 'wish, asker, answer of % cannot be changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';"""


class RecordsRequestMoves(Trigger):
    """Writes a row of the table of transitions for the first state and for every move, whoever makes it and how."""

    name = "90_record_move"
    words = "Puts every move on record with actor, role and reason; a person's own words are not copied."
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
INSERT INTO audit_subjectrequesttransition
  (id, request_id, from_status, to_status, moved_at, actor_id, acting_role, reason)
VALUES (
  uuidv7(), NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status, clock_timestamp(), {ACTOR}, {ACTING},
  CASE WHEN {ACTOR} IS DISTINCT FROM NEW.person_id
    THEN left(coalesce(current_setting('app.move_reason', true), ''), 2000) ELSE '' END
);
RETURN NULL;"""


class StepOfRunning(Trigger):
    """On steps: written while the request runs, fitting what was asked; what goes, goes after the person is erased."""

    name = "15_begin"
    words = "Takes the person from the request, which has to be running; refuses outcomes that do not fit its kind."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("v_kind", "text"), ("v_status", "text")]

    def get_func(self, model: Any) -> str:
        return f"""
-- The request is locked before its steps, so that nobody answers it meanwhile.
SELECT r.person_id, r.kind, r.status INTO NEW.person_id, v_kind, v_status
FROM audit_subjectrequest r WHERE r.id = NEW.request_id FOR SHARE;
IF v_status IS DISTINCT FROM 'running' THEN
  RAISE EXCEPTION 'Steps are written while their request is being carried out.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_requeststep_running', TABLE = TG_TABLE_NAME;
END IF;
IF NOT (CASE NEW.outcome
  WHEN 'provided' THEN v_kind IN ('access', 'portability')
  WHEN 'rectified' THEN v_kind = 'rectification'
  WHEN 'destroyed' THEN v_kind = 'erasure' AND EXISTS (
    SELECT FROM accounts_user u WHERE u.id = NEW.person_id AND u.erased_at IS NOT NULL)
  WHEN 'kept' THEN v_kind = 'erasure'
  ELSE true
END) THEN
  RAISE EXCEPTION 'A request for % has no step of this outcome now: %', v_kind, NEW.outcome
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_requeststep_fits', TABLE = TG_TABLE_NAME;
END IF;
NEW.done_by_id := {ACTOR};
NEW.done_at := CASE WHEN NEW.object_key = '' THEN clock_timestamp() END;
RETURN NEW;"""


class StepDoneOnce(Trigger):
    """On steps: the only change is that an open one is done, and its key forgotten."""

    name = "35_done"
    words = "Lets an open step be done once, which empties its key; nothing else of a step changes."
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return f"""
IF OLD.done_at IS NOT NULL OR NEW.object_key <> '' THEN
  RAISE EXCEPTION 'A step that is done is never rewritten, and an open one is done.'
    USING ERRCODE = 'restrict_violation';
END IF;
NEW.done_at := clock_timestamp();
NEW.done_by_id := {ACTOR};
RETURN NEW;"""
