"""Triggers of goals: reached by what was tipped, changed only while open."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class GoalStreamIsHers(Trigger):
    """A goal of a stream is of its performer; it begins now, at nothing."""

    name = "50_match_stream"
    words = (
        "Refuses a goal of somebody else's stream; a goal begins at the time of the statement, at nothing."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
NEW.opened_at := statement_timestamp();
NEW.counted_tokens := 0;
IF NEW.stream_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM streams_stream s WHERE s.id = NEW.stream_id AND s.performer_id = NEW.performer_id
) THEN
  RAISE EXCEPTION 'This performer has no such stream.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_goal_stream', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class GoalGate(Trigger):
    """A goal is reached when its tips say so, expires at its end, and is never changed afterwards.

    `closed_at` is set here: until then tips count, by the time that they carry.
    """

    name = "50_close"
    words = (
        "Refuses goals that are reached without the tips, that expire before their end, and changes of closed ones; "
        "says until when tips count."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("given", "bigint")]

    def get_func(self, model: Any) -> str:
        return """
IF OLD.status <> 'open' AND ROW(NEW.target_tokens, NEW.ends_at, NEW.closed_at)
  IS DISTINCT FROM ROW(OLD.target_tokens, OLD.ends_at, OLD.closed_at) THEN
  RAISE EXCEPTION 'This goal is closed; nothing of it changes any more.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_goal_closed', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.status = OLD.status THEN
  NEW.closed_at := OLD.closed_at;
  RETURN NEW;
END IF;
NEW.closed_at := clock_timestamp();
IF NEW.status = 'reached' THEN
  SELECT t.tokens INTO given FROM engagement_goal_totals(ARRAY[NEW.id]) t;
  IF given < NEW.target_tokens THEN
    RAISE EXCEPTION 'Of % tokens % were given so far.', NEW.target_tokens, given
      USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_goal_reached', TABLE = TG_TABLE_NAME;
  END IF;
ELSIF NEW.status = 'expired' THEN
  IF NEW.ends_at IS NULL OR NEW.ends_at > clock_timestamp() THEN
    RAISE EXCEPTION 'The end of this goal has not come.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_goal_expired', TABLE = TG_TABLE_NAME;
  END IF;
  NEW.closed_at := NEW.ends_at;
END IF;
RETURN NEW;"""
