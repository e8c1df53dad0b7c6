"""Triggers of price tiers, which make sense only together: they rise, and the last one has no end."""

from typing import Any

import pgtrigger

from billing.catalogue_triggers import refusal
from core.db.holds import ROLE
from core.db.triggers import Trigger


class TiersOfUnsold(Trigger):
    """Tiers come and go with a price that nobody bought at; one that was sold keeps its own."""

    name = "40_unsold"
    words = "Refuses to add tiers to a price that was sold, and to take them away."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'DELETE' AND {ROLE} = 'vbl_retention' THEN
  RETURN OLD;
END IF;
-- The lock makes an order that is just being written wait, or be seen.
PERFORM FROM billing_price p
WHERE p.id = CASE WHEN TG_OP = 'DELETE' THEN OLD.price_id ELSE NEW.price_id END AND p.first_sold_at IS NULL
FOR SHARE;
IF NOT FOUND THEN
  {refusal(model, "sold", "This price was sold: its tiers stay as they are.")}
END IF;
IF TG_OP = 'DELETE' THEN
  RETURN OLD;
END IF;
RETURN NEW;"""


def _whole(model: Any, rows: str) -> str:
    """The check of every price that `rows` touched."""
    return f"""
IF EXISTS (
  SELECT FROM (
    SELECT t.price_id, t.position, t.up_to, t.amount, p.amount AS price_amount,
      row_number() OVER tiers AS place, count(*) OVER whole AS tiers,
      lag(t.up_to) OVER tiers AS before
    FROM billing_pricetier t JOIN billing_price p ON p.id = t.price_id
    WHERE t.price_id IN (SELECT r.price_id FROM {rows} r)
    WINDOW tiers AS (PARTITION BY t.price_id ORDER BY t.position), whole AS (PARTITION BY t.price_id)
  ) t
  WHERE t.position <> t.place
    OR (t.up_to IS NULL) <> (t.place = t.tiers)
    OR t.before >= t.up_to
    OR (t.place = 1 AND t.amount <> t.price_amount)
) THEN
  {
        refusal(
            model,
            "whole",
            "Tiers are numbered from 1, rise strictly, the last has no end, and the first costs what the price says.",
        )
    }
END IF;
RETURN NULL;"""


class TiersRise(Trigger):
    """The tiers of a price are whole after every statement that adds some."""

    name = "70_rise"
    words = "Refuses tiers that do not rise, or of which not just the last is without an end."
    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Insert
    referencing = pgtrigger.Referencing(new="added")

    def get_func(self, model: Any) -> str:
        return _whole(model, "added")


class TiersStayWhole(Trigger):
    """The tiers of a price are whole, or gone, after every statement that takes some away."""

    name = "71_stay_whole"
    words = "Refuses to take a single tier out of a price."
    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Delete
    referencing = pgtrigger.Referencing(old="removed")

    def get_func(self, model: Any) -> str:
        return _whole(model, "removed")
