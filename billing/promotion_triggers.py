"""The trigger that counts uses of promotions, so that no limit is passed, however many ask at once."""

from typing import Any

import pgtrigger

from billing.catalogue_triggers import refusal
from core.db.triggers import Trigger

COST = """CASE
  WHEN p.kind = 'bonus_tokens' THEN NEW.bonus_tokens WHEN p.currency IS NOT NULL THEN NEW.discount ELSE 0
END"""
"""What a use costs the promotion, in the unit of its budget."""

GIVES = """CASE p.kind
  WHEN 'bonus_tokens' THEN NEW.bonus_tokens = p.bonus_tokens
  WHEN 'amount_off' THEN NEW.discount BETWEEN 1 AND p.amount_off AND NEW.currency = p.currency
  ELSE NEW.discount > 0 AND NEW.currency = coalesce(p.currency, NEW.currency)
END"""
"""Whether a use gives what the promotion says."""


class CountsUses(Trigger):
    """Counts a use on its promotion and its code, and refuses it beyond a limit or outside of the period.

    Each counter goes up by one guarded UPDATE, which takes the row: who comes at the same moment waits, and then sees
    the counter as it is. A promotion is locked before its code, always. With its row locked, the uses of one
    person can be counted, too.
    """

    name = "70_count_uses"
    words = (
        "Counts uses on the code and its promotion; refuses what passes a limit, the budget or the period."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("status")
    declare = [("promotion", "billing_promotion%ROWTYPE")]

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'UPDATE' THEN
  IF NEW.status = 'released' AND OLD.status <> 'released' THEN
    UPDATE billing_promotion p SET used = p.used - 1, spent = p.spent - ({COST})
    FROM billing_promotioncode c WHERE c.id = NEW.code_id AND p.id = c.promotion_id;
    UPDATE billing_promotioncode c SET used = c.used - 1 WHERE c.id = NEW.code_id;
  END IF;
  RETURN NULL;
END IF;
UPDATE billing_promotion p SET used = p.used + 1, spent = p.spent + ({COST})
FROM billing_promotioncode c
WHERE c.id = NEW.code_id AND p.id = c.promotion_id
  AND p.valid @> statement_timestamp()
  AND (p.limit_total IS NULL OR p.used < p.limit_total)
  AND (p.budget IS NULL OR p.spent + ({COST}) <= p.budget)
  AND ({GIVES});
IF NOT FOUND THEN
  SELECT p.* INTO promotion FROM billing_promotion p JOIN billing_promotioncode c ON c.promotion_id = p.id
  WHERE c.id = NEW.code_id;
  IF NOT promotion.valid @> statement_timestamp() THEN
    {refusal(model, "period", "This promotion has not begun, or is over.")}
  ELSIF promotion.used >= promotion.limit_total THEN
    {refusal(model, "limit", "This promotion was used as often as it may be.")}
  ELSIF promotion.spent + (SELECT {COST} FROM (SELECT promotion.*) p) > promotion.budget THEN
    {refusal(model, "spent", "The budget of this promotion is used up.")}
  END IF;
  {refusal(model, "terms", "This is not what the promotion gives.")}
END IF;
UPDATE billing_promotioncode c SET used = c.used + 1
WHERE c.id = NEW.code_id AND c.is_active AND (c.limit_total IS NULL OR c.used < c.limit_total);
IF NOT FOUND THEN
  {refusal(model, "code_limit", "This code was used as often as it may be, or is switched off.")}
END IF;
IF EXISTS (
  SELECT FROM billing_promotioncode c JOIN billing_promotion p ON p.id = c.promotion_id
  WHERE c.id = NEW.code_id AND p.limit_per_user < (
    SELECT count(*) FROM billing_promotionredemption r JOIN billing_promotioncode o ON o.id = r.code_id
    WHERE r.user_id = NEW.user_id AND o.promotion_id = p.id AND r.status <> 'released'
  )
) THEN
  {refusal(model, "user_limit", "You have used this promotion as often as one person may.")}
END IF;
RETURN NULL;"""
