"""Triggers that raids, votes, redemptions and tip messages share."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger, quoted


class AdmitsPerson(Trigger):
    """Refuses a row by somebody whom a restriction bars, or between two of whom one has blocked the other.

    `person` and `other` are fields that lead to people or performers, who have the id of their person.
    """

    name = "62_admit_person"
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def __init__(self, person: str, other: str, *, bars: tuple[str, ...], **kwargs: Any) -> None:
        self.person, self.other, self.bars = person, other, bars
        super().__init__(
            words=f"Refuses whom a restriction bars from this ({', '.join(bars)}), and blocks between the two.",
            **kwargs,
        )

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        person, other = (f"NEW.{model._meta.get_field(name).column}" for name in (self.person, self.other))
        kinds = ", ".join(quoted(kind) for kind in self.bars)
        return f"""
IF EXISTS (
  SELECT FROM accounts_restriction r
  WHERE r.user_id = {person} AND r.kind IN ({kinds}) AND r.valid @> statement_timestamp()
) THEN
  RAISE EXCEPTION 'Your account may not do this at present. Ask our support for the reason.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_restricted', TABLE = TG_TABLE_NAME;
END IF;
-- A condition of its own: what it asks is defined by the wing of ties.
IF engagement_blocked_between({person}, {other}) THEN
  RAISE EXCEPTION 'This is not possible between the two of you.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_blocked', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
