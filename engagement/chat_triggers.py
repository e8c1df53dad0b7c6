"""Triggers of chat: what may be written in a room, and who may remove it."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class CloseIsNotShow(Trigger):
    """Who opens and closes a room is its performer; who hides one is staff. Each leaves the other's alone."""

    name = "45_hide"
    words = "Refuses to hide or show a room to everybody but staff; sets since when it is hidden."
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'INSERT' THEN
  NEW.hidden_at := NULL;
ELSIF NEW.hidden_at IS NULL AND OLD.hidden_at IS NOT NULL OR NEW.hidden_at IS NOT NULL AND OLD.hidden_at IS NULL THEN
  IF current_user IN ('vbl_viewer', 'vbl_performer') THEN
    RAISE EXCEPTION 'This room is hidden by a decision of staff. Appeal the decision.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_chatroom_hide', TABLE = TG_TABLE_NAME;
  END IF;
  IF NEW.hidden_at IS NOT NULL THEN
    NEW.hidden_at := statement_timestamp();
  END IF;
ELSE
  NEW.hidden_at := OLD.hidden_at;
END IF;
RETURN NEW;"""


class ModeratedByWhom(Trigger):
    """Stamps who moved a message and when. People delete their own; only staff bring back what was removed."""

    name = "45_moderate"
    words = (
        "Sets who moved a message and when. Refuses a sender to approve or restore their own, and to viewers and "
        "performers to restore what was removed."
    )
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("me", "uuid := nullif(current_setting('app.user_id', true), '')::uuid")]

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'INSERT' THEN
  NEW.moderated_by_id := NULL;
  NEW.moderated_at := NULL;
  RETURN NEW;
END IF;
IF NEW.status IS NOT DISTINCT FROM OLD.status THEN
  NEW.moderated_by_id := OLD.moderated_by_id;
  NEW.moderated_at := OLD.moderated_at;
  RETURN NEW;
END IF;
IF NEW.status = 'visible' AND (
  NEW.sender_id IS NOT DISTINCT FROM me AND me IS NOT NULL
  OR OLD.status = 'removed' AND current_user IN ('vbl_viewer', 'vbl_performer')
) THEN
  RAISE EXCEPTION 'Nobody approves their own message, and only staff bring back one that was removed.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_chatmessage_restore', TABLE = TG_TABLE_NAME;
END IF;
NEW.moderated_by_id := me;
NEW.moderated_at := statement_timestamp();
RETURN NEW;"""


class AdmitsMessages(Trigger):
    """Asks `engagement_chat_refusals` about all messages of a statement at once, whoever writes them and however.

    One statement-level trigger instead of checks per row, so that a batch costs little more than one message.
    """

    name = "60_admit"
    words = (
        "Refuses messages that the room does not take: of people who are barred, banned or blocked, against its "
        "modes, or answers to another room."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert
    level = pgtrigger.Statement
    referencing = pgtrigger.Referencing(new="written")

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("refusal", "record")]

    def get_func(self, model: Any) -> str:
        return """
SELECT asked.code, asked.words INTO refusal
FROM (
  SELECT array_agg(w.id ORDER BY w.id) AS ids, array_agg(w.room_id ORDER BY w.id) AS rooms,
    array_agg(w.performer_id ORDER BY w.id) AS performers, array_agg(w.sender_id ORDER BY w.id) AS senders,
    array_agg(w.kind ORDER BY w.id) AS kinds, array_agg(w.body ORDER BY w.id) AS bodies,
    array_agg(w.reply_to_id ORDER BY w.id) AS replies
  FROM written w
) w, engagement_chat_refusals(w.ids, w.rooms, w.performers, w.senders, w.kinds, w.bodies, w.replies) asked
WHERE w.ids IS NOT NULL AND asked.code IS NOT NULL
LIMIT 1;
IF FOUND THEN
  RAISE EXCEPTION '%', refusal.words
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_chatmessage_' || refusal.code, TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""
