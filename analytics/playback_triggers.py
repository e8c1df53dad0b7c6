"""Triggers of playback: what an event must be, whoever writes it, and that no salt comes back."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

CLOCK_TOLERANCE = "interval '5 seconds'"
"""How far the clock of a player may run ahead within a play."""

SALT_LIFE = "interval '48 hours'"
"""How long after the end of its day or stream a salt lives: until then late events are taken."""

DERIVED = """
random := ('x' || encode(substr(sha256('s'::bytea || int8send(length(said)) || convert_to(said, 'UTF8')), 1, 10),
  'hex'))::bit(80);
bits := (extract(epoch FROM begun) * 1000)::bigint::bit(48) || B'0111' || substring(random FROM 7 FOR 12) || B'10'
  || substring(random FROM 19 FOR 62);
IF NEW.id <> (lpad(to_hex(substring(bits FROM 1 FOR 64)::bit(64)::bigint), 16, '0')
  || lpad(to_hex(substring(bits FROM 65 FOR 64)::bit(64)::bigint), 16, '0'))::uuid THEN
  {refuse}
END IF;
"""
"""As `core.models.identity.uuid7_derived` has it: 's', the length of the text in eight bytes, the text."""


def _refuse(table: str, rule: str, words: str) -> str:
    return (
        f"RAISE EXCEPTION '{words}'\n    USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_{rule}', "
        "TABLE = TG_TABLE_NAME;"
    )


class ChecksPlaybackEvent(Trigger):
    """An event is of its play, its play of its stream and of one day, and it has happened; sets the performer.

    The id follows from the play and the number of the event: a second sending is the same row.
    """

    name = "25_check_event"
    words = (
        "Refuses an event whose id does not follow from its play and number, that lies in the future, before its "
        "stream or past its day; sets the performer."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [
            ("begun", "timestamptz"),
            ("happened", "timestamptz"),
            ("stream_began", "timestamptz"),
            ("said", "text"),
            ("random", "bit(80)"),
            ("bits", "bit(128)"),
        ]

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        derived = DERIVED.format(
            refuse=_refuse(table, "identity", "The id of an event follows from its play and its number.")
        )
        return f"""
IF coalesce(uuid_extract_version(NEW.playback), 0) <> 7 THEN
  {_refuse(table, "playback", "A play is named by a UUIDv7, issued when it began.")}
END IF;
begun := uuid_extract_timestamp(NEW.playback);
happened := begun + NEW.offset_milliseconds * interval '1 millisecond';
SELECT s.performer_id, s.started_at INTO NEW.performer_id, stream_began
FROM streams_stream s WHERE s.id = NEW.stream_id;
IF NOT FOUND THEN
  {_refuse(table, "stream", "There is no such stream.")}
END IF;
IF stream_began IS NULL OR begun < date_trunc('milliseconds', stream_began) THEN
  {_refuse(table, "before", "The stream had not begun when this play did.")}
END IF;
IF happened > date_trunc('day', begun, 'UTC') + interval '1 day' THEN
  {_refuse(table, "day", "A play is of one day in UTC; the player begins another one at midnight.")}
END IF;
IF happened > clock_timestamp() + {CLOCK_TOLERANCE} THEN
  {_refuse(table, "future", "This has not happened yet.")}
END IF;
said := NEW.playback::text || ':' || NEW.sequence::text;
{derived}RETURN NEW;"""


class NoSaltComesBack(Trigger):
    """A salt of a day or stream that is long over was destroyed; another one would count its viewers twice."""

    name = "25_check_salt"
    words = (
        "Refuses a salt of a day or stream whose salt was due to be destroyed, or of one that has not begun."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("over", "timestamptz")]

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        return f"""
IF NEW.scope = 'day' THEN
  over := (NEW.day + 1)::timestamp AT TIME ZONE 'UTC';
  IF NEW.day::timestamp AT TIME ZONE 'UTC' > clock_timestamp() + {CLOCK_TOLERANCE} THEN
    {_refuse(table, "future", "This day has not begun.")}
  END IF;
ELSE
  SELECT s.ended_at INTO over FROM streams_stream s WHERE s.id = NEW.stream_id;
END IF;
IF over + {SALT_LIFE} <= clock_timestamp() THEN
  {_refuse(table, "over", "The salt of this day or stream is destroyed; there is no other one.")}
END IF;
RETURN NEW;"""
