"""Triggers of redemptions: stock, cooldowns, payment, and what is given back."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class TakesStock(Trigger):
    """A redemption is of an offered reward, at what it costs now, paid for, and takes one of its stock.

    A reward with a stock is locked by this, one without is not.
    """

    name = "15_take_stock"
    words = (
        "Takes performer, cost and cooldowns from the reward and one of its stock; refuses what is not offered, sold "
        "out or not paid."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("reward", "engagement_reward")]

    def get_func(self, model: Any) -> str:
        return """
UPDATE engagement_reward r SET taken = r.taken + 1
WHERE r.id = NEW.reward_id AND r.stock IS NOT NULL AND r.taken < r.stock;
NEW.is_counted := FOUND;
SELECT * INTO reward FROM engagement_reward r WHERE r.id = NEW.reward_id;
IF reward.id IS NULL OR reward.retired_at IS NOT NULL THEN
  RAISE EXCEPTION 'There is no such reward, or it is not offered at present.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_redemption_offered', TABLE = TG_TABLE_NAME;
END IF;
IF reward.stock IS NOT NULL AND NOT NEW.is_counted THEN
  RAISE EXCEPTION 'There is none left of this reward.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_redemption_stock', TABLE = TG_TABLE_NAME;
END IF;
IF reward.asks_for_words AND NEW.words = '' THEN
  RAISE EXCEPTION 'Say what you wish with this reward.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_redemption_asked_words', TABLE = TG_TABLE_NAME;
END IF;
NEW.performer_id := reward.performer_id;
NEW.tokens := reward.tokens;
NEW.redeemed_at := clock_timestamp();
NEW.decided_at := NULL;
NEW.decided_by_id := NULL;
NEW.answer := '';
NEW.cooling := CASE WHEN reward.person_cooldown > 0 THEN
  tstzrange(NEW.redeemed_at, NEW.redeemed_at + make_interval(secs => reward.person_cooldown), '[)') END;
NEW.resting := CASE WHEN reward.shared_cooldown > 0 THEN
  tstzrange(NEW.redeemed_at, NEW.redeemed_at + make_interval(secs => reward.shared_cooldown), '[)') END;
IF reward.tokens > 0 AND NOT EXISTS (
  SELECT FROM billing_tokenspend s
  WHERE s.id = NEW.spend_id AND s.kind = 'reward' AND s.viewer_id = NEW.viewer_id
    AND s.performer_id = reward.performer_id AND s.tokens = reward.tokens
    AND NOT EXISTS (SELECT FROM billing_spendreversal v WHERE v.spend_id = s.id)
) THEN
  RAISE EXCEPTION 'This reward costs % tokens, which were not paid.', reward.tokens
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_redemption_paid', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class RedemptionMoves(Trigger):
    """What is given back gives its place in the stock back too, and its tokens before; what is fulfilled keeps both."""

    name = "50_move"
    words = (
        "Gives stock back with a redemption that is not fulfilled, whose tokens were given back before; refuses to "
        "fulfil one whose tokens were, and changes of what was decided."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update
    declare = [("given_back", "boolean")]

    def get_func(self, model: Any) -> str:
        return """
IF NEW.status = OLD.status THEN
  IF OLD.status <> 'pending' AND ROW(NEW.decided_at, NEW.decided_by_id, NEW.cooling, NEW.resting)
    IS DISTINCT FROM ROW(OLD.decided_at, OLD.decided_by_id, OLD.cooling, OLD.resting) THEN
    RAISE EXCEPTION 'This was decided already.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_redemption_decided', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END IF;
NEW.decided_at := clock_timestamp();
NEW.cooling := OLD.cooling;
NEW.resting := OLD.resting;
given_back := EXISTS (SELECT FROM billing_spendreversal v WHERE v.spend_id = NEW.spend_id);
IF NEW.status = 'fulfilled' THEN
  IF given_back THEN
    RAISE EXCEPTION 'The tokens for this were given back. Reject it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_redemption_given_back', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END IF;
IF NEW.spend_id IS NOT NULL AND NOT given_back THEN
  RAISE EXCEPTION 'The tokens for this are given back first.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_redemption_tokens', TABLE = TG_TABLE_NAME;
END IF;
IF OLD.is_counted THEN
  UPDATE engagement_reward r SET taken = r.taken - 1 WHERE r.id = OLD.reward_id;
END IF;
RETURN NEW;"""
