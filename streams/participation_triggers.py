"""Triggers of those who appear: nobody is shown who may not perform, or did not consent."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger
from streams.broadcast_triggers import NOT_OWNER


class TakesPerson(Trigger):
    """Sets `person_id` from the parent row, whatever the statement says."""

    name = "16_take_person"
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def __init__(self, parent: str, **kwargs: Any) -> None:
        self.parent = parent
        super().__init__(
            words=f"Takes the person from the row's {parent}, whatever the statement says.", **kwargs
        )

    def get_func(self, model: Any) -> str:
        field = model._meta.get_field(self.parent)
        table = field.remote_field.model._meta.db_table
        return f"""
SELECT parent.person_id INTO NEW.person_id FROM {table} parent WHERE parent.id = NEW.{field.column};
RETURN NEW;"""


class JoiningGate(Trigger):
    """On `streams_participant`: nobody is named after the end, and whoever joins on air is admitted and released.

    The lock on the stream is the one that its end takes: a participant comes before the end, or is refused.
    """

    name = "50_admit"
    words = "Refuses participants of a stream that is over, and joining on air without admission and consent."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("v_status", "text"), ("found", "text")]

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'UPDATE' AND NEW.joined_at IS NOT DISTINCT FROM OLD.joined_at
  AND (OLD.left_at IS NULL OR NEW.left_at IS NOT DISTINCT FROM OLD.left_at) THEN
  RETURN NEW;
END IF;
SELECT s.status INTO v_status FROM streams_stream s WHERE s.id = NEW.stream_id FOR SHARE;
IF v_status IN ('ended', 'archived', 'aborted') THEN
  RAISE EXCEPTION 'This stream is over; its participants stay as they were.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_participant_stream_over', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.joined_at IS NULL OR TG_OP = 'UPDATE' AND NEW.joined_at IS NOT DISTINCT FROM OLD.joined_at THEN
  RETURN NEW;
END IF;
IF v_status NOT IN ('live', 'interrupted') THEN
  RAISE EXCEPTION 'This stream is not on air; participants join when it goes live.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_participant_on_air', TABLE = TG_TABLE_NAME;
END IF;
IF TG_OP = 'INSERT' THEN
  RAISE EXCEPTION 'A participant is named first, consents, and then joins.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_participant_named_first', TABLE = TG_TABLE_NAME;
END IF;
IF {NOT_OWNER} THEN
  SELECT string_agg(DISTINCT o.code, ', ') INTO found
  FROM streams_person_obstacles(NEW.stream_id, ARRAY[NEW.person_id]) o;
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'This person may not be shown: %', found
      USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_participant_may_appear', TABLE = TG_TABLE_NAME;
  END IF;
END IF;
RETURN NEW;"""


class PrivateShowGate(Trigger):
    """On `streams_privateshow`: a show begins only with a performer who may perform now."""

    name = "50_admit"
    words = "Refuses to begin a private show with a performer who may not perform."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status")

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("found", "text")]

    def get_func(self, model: Any) -> str:
        return f"""
IF NEW.status = 'running' AND OLD.status <> 'running' AND {NOT_OWNER} THEN
  SELECT string_agg(DISTINCT o.code, ', ') INTO found FROM streams_person_obstacles(NULL, ARRAY[NEW.performer_id]) o;
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'This private show may not begin: %', found
      USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_privateshow_may_begin', TABLE = TG_TABLE_NAME;
  END IF;
END IF;
RETURN NEW;"""
