"""What payments, disputes and payouts share: every move is put on record, whoever makes it and how."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class RecordsMoves(Trigger):
    """Writes a row of the table of events for the first state and for every move.

    `noun` names the row (billing_<noun>, kept by billing_<noun>event), `keeps` the columns of which the event keeps the
    value of then, `provider_time` the column with the provider's instant. A change of a column of `with_status` is a
    move as well.
    """

    name = "90_record_move"
    definer = True
    when = pgtrigger.After

    def __init__(
        self,
        noun: str,
        *keeps: str,
        provider_time: str = "provider_time",
        with_status: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> None:
        self.noun, self.keeps, self.provider_time = noun, keeps, provider_time
        self.watched = ("status", *with_status)
        super().__init__(operation=pgtrigger.Insert | pgtrigger.UpdateOf(*self.watched), **kwargs)

    def get_func(self, model: Any) -> str:
        same = " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in self.watched)
        kept = "".join(f", {column}" for column in self.keeps)
        values = "".join(f", NEW.{column}" for column in self.keeps)
        return f"""
IF TG_OP = 'UPDATE' THEN
  IF {same} THEN
    RETURN NULL;
  END IF;
END IF;
INSERT INTO billing_{self.noun}event
  (id, {self.noun}_id, from_status, to_status{kept}, provider_time, moved_at, actor_id)
VALUES (
  uuidv7(), NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status{values},
  NEW.{self.provider_time}, statement_timestamp(), nullif(current_setting('app.user_id', true), '')::uuid
);
RETURN NULL;"""
