"""Triggers of viewer counts."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class IdentityOfMinute(Trigger):
    """The id is the one of `core.models.identity.uuid7_derived(minute, stream id)`: one row per stream and minute.

    The digest is taken as there: 's', the length of the text in eight bytes, the text; of its first 80 bits, the 6
    highest are left out, the next 12 and the last 62 fill the random parts of the UUIDv7.
    """

    name = "25_check_minute"
    words = "Refuses an id that is not that of the minute and stream, and a minute that has not begun."
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("minute", "bigint"), ("random", "bit(80)"), ("bits", "bit(128)")]

    def get_func(self, model: Any) -> str:
        return """
minute := (extract(epoch FROM uuid_extract_timestamp(NEW.id)) * 1000)::bigint;
IF minute % 60000 <> 0 THEN
  RAISE EXCEPTION 'A viewer count is of a whole minute.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_viewercountsample_minute', TABLE = TG_TABLE_NAME;
END IF;
IF uuid_extract_timestamp(NEW.id) > clock_timestamp() THEN
  RAISE EXCEPTION 'This minute has not begun; nobody can have counted.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_viewercountsample_future', TABLE = TG_TABLE_NAME;
END IF;
random := ('x' || encode(substr(sha256('s'::bytea || int8send(36) || convert_to(NEW.stream_id::text, 'UTF8')), 1, 10),
  'hex'))::bit(80);
bits := minute::bit(48) || B'0111' || substring(random FROM 7 FOR 12) || B'10' || substring(random FROM 19 FOR 62);
IF NEW.id <> (lpad(to_hex(substring(bits FROM 1 FOR 64)::bit(64)::bigint), 16, '0')
  || lpad(to_hex(substring(bits FROM 65 FOR 64)::bit(64)::bigint), 16, '0'))::uuid THEN
  RAISE EXCEPTION 'The id of a viewer count follows from its minute and its stream.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_viewercountsample_identity', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
