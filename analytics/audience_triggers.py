"""Triggers of the audience."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class IdentityOfDay(Trigger):
    """The id is the one of `core.models.identity.uuid7_derived(day, person's id)`: one row per person and day."""

    name = "25_check_day"
    words = "Refuses an id that is not that of the day and person."
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return """
IF NEW.id <> analytics_day_id(NEW.day, NEW.user_id::text) THEN
  RAISE EXCEPTION 'The id of a day of activity follows from the day and the person.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'analytics_vieweractivityday_identity', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
