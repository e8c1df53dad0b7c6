"""The trigger of raids: between two streams on air, and never in a circle."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

REMEMBERED = "1 hour"
"""So long after its execution a raid still counts when a circle is looked for: its viewers are on their way."""


class RaidGate(Trigger):
    """Refuses a raid that is not between two streams on air, or would lead viewers back to where they came from.

    Raids are few, and a circle can be of any length: one lock orders them all, so that what one transaction announces
    is seen by the next one.
    """

    name = "50_admit"
    words = "Refuses raids from or to a stream that is not on air, and raids in a circle; one at a time."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'UPDATE' THEN
  IF NEW.status <> 'executed' OR OLD.status = 'executed' THEN
    RETURN NEW;
  END IF;
END IF;
PERFORM pg_advisory_xact_lock(hashtextextended('engagement_raid', 0));
IF NOT EXISTS (
  SELECT FROM streams_stream s WHERE s.id = NEW.stream_id AND s.performer_id = NEW.performer_id AND s.status = 'live'
) THEN
  RAISE EXCEPTION 'You raid from a stream of yours that is on air.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_raid_stream', TABLE = TG_TABLE_NAME;
END IF;
IF NOT EXISTS (
  SELECT FROM streams_stream s
  WHERE s.id = NEW.target_stream_id AND s.performer_id = NEW.target_id AND s.status = 'live'
    AND s.visibility = 'public' AND s.deleted_at IS NULL
) THEN
  RAISE EXCEPTION 'This performer is not on air for everybody at the moment.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_raid_target_stream', TABLE = TG_TABLE_NAME;
END IF;
IF EXISTS (
  WITH RECURSIVE led (id) AS (
    SELECT NEW.target_id
    UNION
    SELECT r.target_id FROM engagement_raid r JOIN led ON led.id = r.performer_id
    WHERE r.id <> NEW.id
      AND (r.status = 'announced'
        OR r.status = 'executed' AND r.executed_at > clock_timestamp() - interval '{REMEMBERED}')
  )
  SELECT FROM led WHERE led.id = NEW.performer_id
) THEN
  RAISE EXCEPTION 'This raid would lead in a circle: viewers of that stream come from yours, or are sent there.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_raid_circle', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
