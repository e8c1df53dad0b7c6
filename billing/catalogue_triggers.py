"""Triggers of the catalogue: what a CHECK cannot say because it takes other rows, or the row as it was, to see it."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger, quoted


def refusal(model: Any, name: str, sentence: str) -> str:
    """The statement that refuses with a sentence for people, under a name as constraints have one."""
    table = model._meta.db_table
    return f"""RAISE EXCEPTION {quoted(sentence.replace("%", "%%"))}
    USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_{name}', TABLE = TG_TABLE_NAME;"""


class OfKind(Trigger):
    """A row belongs to a product of one kind. Kinds never change, so the insert decides."""

    name = "40_of_kind"
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def __init__(self, field: str, kind: str, **kwargs: Any) -> None:
        self.field, self.kind = field, str(kind)
        super().__init__(words=f"Its product is of the kind {self.kind}.", **kwargs)

    def get_func(self, model: Any) -> str:
        column = model._meta.get_field(self.field).column
        return f"""
IF NOT EXISTS (SELECT FROM billing_product p WHERE p.id = NEW.{column} AND p.kind = {quoted(self.kind)}) THEN
  {refusal(model, "of_kind", f"This belongs to a product of the kind {self.kind}.")}
END IF;
RETURN NEW;"""


class NotOfKind(Trigger):
    """A row belongs to a product of any kind but one."""

    name = "40_not_of_kind"
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def __init__(self, field: str, kind: str, **kwargs: Any) -> None:
        self.field, self.kind = field, str(kind)
        super().__init__(words=f"Its product is not of the kind {self.kind}.", **kwargs)

    def get_func(self, model: Any) -> str:
        column = model._meta.get_field(self.field).column
        return f"""
IF EXISTS (SELECT FROM billing_product p WHERE p.id = NEW.{column} AND p.kind = {quoted(self.kind)}) THEN
  {refusal(model, "not_of_kind", f"A product of the kind {self.kind} has no price in money.")}
END IF;
RETURN NEW;"""


class TakesMoney(Trigger):
    """The currency of a new row is money: no tokens, and nothing that was withdrawn before the row is written."""

    name = "41_takes_money"
    words = "Its currency is money, and not withdrawn when the row is written."
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
IF EXISTS (
  SELECT FROM billing_currency c
  WHERE c.code = NEW.currency AND (c.is_token OR c.withdrawn_on <= (now() AT TIME ZONE 'UTC')::date)
) THEN
  {refusal(model, "takes_money", "This needs a currency that is money and was not withdrawn.")}
END IF;
RETURN NEW;"""


class KeepSold(Trigger):
    """A price that was sold keeps what it says: it ends, not before now, or goes on; it is never deleted.

    Its terms never change at all (`Immutable`); here is what depends on whether an order named it.
    """

    name = "60_keep_sold"
    words = "Keeps prices that were sold: they end, not before now, and are never deleted."
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'INSERT' THEN
  IF NEW.first_sold_at IS NOT NULL THEN
    {refusal(model, "unsold", "A price begins unsold: an order marks it.")}
  END IF;
  RETURN NEW;
END IF;
IF OLD.first_sold_at IS NULL THEN
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END IF;
IF TG_OP = 'DELETE' THEN
  IF current_user = 'vbl_retention' THEN
    RETURN OLD;
  END IF;
  {refusal(model, "sold", "This price was sold: it can end, and is never deleted.")}
END IF;
IF NEW.first_sold_at IS DISTINCT FROM OLD.first_sold_at THEN
  {refusal(model, "sold", "When a price was first sold is never changed.")}
END IF;
IF NEW.valid IS DISTINCT FROM OLD.valid AND (
  lower(NEW.valid) IS DISTINCT FROM lower(OLD.valid)
  OR NOT lower_inc(NEW.valid)
  OR coalesce(upper(OLD.valid) <= now(), false)
  OR coalesce(upper(NEW.valid) < now(), false)
) THEN
  {refusal(model, "sold", "This price was sold: its beginning stays, and it can only end from now on.")}
END IF;
RETURN NEW;"""


class MarksPriceSold(Trigger):
    """For the table of order lines: the price that a line names was sold, and is kept from then on.

    `MarksPriceSold("price")` in `Meta.triggers` of the model whose foreign key to the price is called so.
    """

    name = "70_mark_price_sold"
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def __init__(self, field: str = "price", **kwargs: Any) -> None:
        self.field = field
        super().__init__(words="Marks the price as sold, which keeps it from then on.", **kwargs)

    def get_func(self, model: Any) -> str:
        column = model._meta.get_field(self.field).column
        return f"""
UPDATE billing_price SET first_sold_at = now() WHERE id = NEW.{column} AND first_sold_at IS NULL;
RETURN NULL;"""


class OnlyEnds(Trigger):
    """A published rate keeps its beginning; its end moves when the next one is published."""

    name = "60_only_ends"
    words = "Keeps the beginning of the period; only its end moves."
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return f"""
IF lower(NEW.valid) IS DISTINCT FROM lower(OLD.valid) OR NOT lower_inc(NEW.valid) THEN
  {refusal(model, "only_ends", "A rate keeps its beginning; only its end moves.")}
END IF;
RETURN NEW;"""
