"""Triggers that keep a performer's calendar free of contradictions, whoever writes it.

An exclusion constraint sees one table. That planned broadcasts and time off exclude one another is kept here: whoever
writes either first locks the performer's profile, and then looks at the other table. What was committed meanwhile is
seen, because every statement of the function takes a snapshot of its own under READ COMMITTED; under REPEATABLE READ
it would not be, so writing a calendar is refused there. The lock is the one that a change of the profile takes, so
that a performer who stops being public cannot be overtaken by a broadcast that still counts as public.
"""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

_LOCK = """
IF current_setting('transaction_isolation') = 'repeatable read' THEN
  RAISE EXCEPTION 'Calendars are written under READ COMMITTED or SERIALIZABLE.'
    USING ERRCODE = 'invalid_transaction_state';
END IF;
SELECT p.status IN ('verified', 'paused') INTO listed
FROM performers_performerprofile p WHERE p.id = NEW.performer_id FOR NO KEY UPDATE;"""


class KeepsClearOfTimeOff(Trigger):
    """On occurrences: none is scheduled in the performer's time off; the public sees them while it sees the performer.

    That a broadcast is cancelled is news, that it never came about is none.
    """

    name = "50_plan"
    words = "Refuses a scheduled occurrence in time off, under the performer's lock; sets whether the public sees it."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("during", "status", "is_public")
    declare = [("listed", "boolean")]

    def get_func(self, model: Any) -> str:
        return f"""{_LOCK}
NEW.is_public := coalesce(listed, false) AND NEW.status IN ('scheduled', 'cancelled');
IF NEW.status = 'scheduled' AND EXISTS (
  SELECT FROM performers_timeoff t
  WHERE t.performer_id = NEW.performer_id AND t.during && NEW.during AND t.withdrawn_at IS NULL
) THEN
  RAISE EXCEPTION 'This lies in the performer''s time off. Choose another time, or withdraw the time off first.'
    USING ERRCODE = 'exclusion_violation', CONSTRAINT = '{model._meta.db_table}_time_off_excl', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class KeepsClearOfOccurrences(Trigger):
    """On time off: none begins or is prolonged over a scheduled occurrence."""

    name = "50_rest"
    words = "Refuses time off over a scheduled occurrence, under the performer's lock."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("during", "withdrawn_at")
    declare = [("listed", "boolean")]

    def get_func(self, model: Any) -> str:
        return f"""{_LOCK}
IF NEW.withdrawn_at IS NULL AND EXISTS (
  SELECT FROM performers_scheduleoccurrence o
  WHERE o.performer_id = NEW.performer_id AND o.during && NEW.during AND o.status = 'scheduled'
) THEN
  RAISE EXCEPTION 'Broadcasts are scheduled in this time. Move or cancel them first.'
    USING ERRCODE = 'exclusion_violation', CONSTRAINT = '{model._meta.db_table}_scheduled_excl', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class OnlyWhileVerified(Trigger):
    """On presence: only performers who may perform have one, so that everybody may read every row."""

    name = "50_plan"
    words = "Refuses the presence of somebody who is not verified."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
PERFORM FROM performers_performerprofile p
WHERE p.id = NEW.performer_id AND p.status = 'verified' FOR NO KEY UPDATE;
IF NOT FOUND THEN
  RAISE EXCEPTION 'Only a verified performer is shown as present.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{model._meta.db_table}_verified_check', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class TakesScheduleAlong(Trigger):
    """On profiles: the calendar is public exactly while the profile is, and series end when the performer leaves.

    Nobody is present who is not verified.
    """

    name = "80_show"
    words = "When the status changes: shows or hides the calendar, takes away the presence, ends series of who leaves."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return """
IF NEW.status IS DISTINCT FROM OLD.status THEN
  UPDATE performers_scheduleoccurrence o SET is_public = NEW.status IN ('verified', 'paused')
  WHERE o.performer_id = NEW.id AND o.status IN ('scheduled', 'cancelled')
    AND o.is_public IS DISTINCT FROM (NEW.status IN ('verified', 'paused'));
  IF NEW.status <> 'verified' THEN
    DELETE FROM performers_presence WHERE performer_id = NEW.id;
  END IF;
  IF NEW.status = 'offboarded' THEN
    UPDATE performers_scheduleseries SET ended_at = now() WHERE performer_id = NEW.id AND ended_at IS NULL;
  END IF;
END IF;
RETURN NULL;"""
