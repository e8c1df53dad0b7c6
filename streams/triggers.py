"""Triggers that several tables of streams share."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class TakesPerformer(Trigger):
    """Sets `performer_id` from the parent row, so that no child can belong to somebody else than its parent.

    Every row carries its performer: policies read it without a join, and it is the column by which the tables are
    distributed one day.
    """

    name = "15_take_performer"
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def __init__(self, parent: str, **kwargs: Any) -> None:
        self.parent = parent
        super().__init__(
            words=f"Takes the performer from the row's {parent}, whatever the statement says.", **kwargs
        )

    def get_func(self, model: Any) -> str:
        field = model._meta.get_field(self.parent)
        table = field.remote_field.model._meta.db_table
        return f"""
IF NEW.{field.column} IS NOT NULL THEN
  SELECT parent.performer_id INTO NEW.performer_id FROM {table} parent WHERE parent.id = NEW.{field.column};
END IF;
RETURN NEW;"""
