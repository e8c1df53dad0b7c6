"""The trigger of tip messages: words exist only with the tip that they came with."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class TakesTip(Trigger):
    """Who tipped whom, how much and when is taken from the tip that the entry of the journal books."""

    name = "15_take_tip"
    words = "Takes sender, performer, stream and tokens from the tip; refuses entries that book no tip."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("tip", "billing_tokenspend")]

    def get_func(self, model: Any) -> str:
        return """
SELECT * INTO tip FROM billing_tokenspend s WHERE s.entry_id = NEW.entry_id AND s.kind = 'tip';
IF NOT FOUND THEN
  RAISE EXCEPTION 'Words with a tip belong to an entry of the journal that books a tip.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_tipmessage_tip', TABLE = TG_TABLE_NAME;
END IF;
NEW.sender_id := tip.viewer_id;
NEW.performer_id := tip.performer_id;
NEW.stream_id := tip.stream_id;
NEW.tokens := tip.tokens;
NEW.sent_at := tip.spent_at;
IF NEW.menu_item_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM engagement_tipmenuitem i
  WHERE i.id = NEW.menu_item_id AND i.performer_id = tip.performer_id AND i.tokens = tip.tokens
    AND i.retired_at IS NULL
) THEN
  RAISE EXCEPTION 'This is not on her menu, or at another price.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_tipmessage_menu_item', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
