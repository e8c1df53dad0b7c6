"""Triggers of copyright notices: whom a target belongs to, when a move happened, that a take-down is whole."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger
from streams.broadcast_triggers import ACTING

IMPORTING = (
    f"NEW.source = 'import' AND coalesce(current_setting('app.takedowns_imported', true), '') = 'on' "
    f"AND {ACTING} IN ('vbl_worker', 'vbl_owner')"
)
"""The condition that an import of the worker tells when a move happened that was made elsewhere."""


class StampsMove(Trigger):
    """On notices and counter-notices: the state holds since now, by the clock of the database."""

    name = "42_stamp"
    words = "Sets since when the state holds; an import of the worker says when it was reached elsewhere."
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'UPDATE' THEN
  IF NEW.status IS NOT DISTINCT FROM OLD.status THEN
    NEW.status_since := OLD.status_since;
    RETURN NEW;
  END IF;
END IF;
IF NOT ({IMPORTING}) OR NEW.status_since IS NULL OR NEW.status_since > clock_timestamp() THEN
  NEW.status_since := clock_timestamp();
END IF;
RETURN NEW;"""


class RecordsMoves(Trigger):
    """Writes a row of the table of transitions for the first state and for every move, whoever makes it and how."""

    name = "90_record_move"
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("status")

    def __init__(self, table: str, column: str, **kwargs: Any) -> None:
        self.table, self.column = table, column
        super().__init__(
            words="Puts every move on record with actor, role and reason; imported ones say so.", **kwargs
        )

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'UPDATE' THEN
  IF NEW.status IS NOT DISTINCT FROM OLD.status THEN
    RETURN NULL;
  END IF;
END IF;
INSERT INTO {self.table}
  (id, {self.column}, from_status, to_status, moved_at, effective_at, is_imported, actor_id, acting_role, reason)
VALUES (
  uuidv7(), NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status, clock_timestamp(), NEW.status_since,
  {IMPORTING}, nullif(current_setting('app.user_id', true), '')::uuid, {ACTING},
  left(coalesce(current_setting('app.move_reason', true), ''), 2000)
);
RETURN NULL;"""


class BeginsAlone(Trigger):
    """On notices: whom one is about follows from its targets, which come after it."""

    name = "15_begin"
    words = "A new notice is about nobody yet; the trigger of its targets adds the performers."
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
NEW.performer_ids := '{}';
RETURN NEW;"""


class WholeOrNot(Trigger):
    """On notices: a take-down has reached everything that was named, and so has its undoing."""

    name = "50_whole"
    words = (
        "Refuses to call content disabled while a target is not, and restored or withdrawn while one still is; "
        "refuses another performer list than that of the targets."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return """
IF NEW.performer_ids IS DISTINCT FROM OLD.performer_ids AND NEW.performer_ids IS DISTINCT FROM (
  SELECT coalesce(array_agg(DISTINCT t.performer_id ORDER BY t.performer_id), '{}')
  FROM audit_takedowntarget t WHERE t.notice_id = NEW.id
) THEN
  RAISE EXCEPTION 'performer_ids of % follows from the targets', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END IF;
IF NEW.status IS NOT DISTINCT FROM OLD.status THEN
  RETURN NEW;
END IF;
IF NEW.status = 'content_disabled' AND OLD.status = 'accepted' AND (
  NEW.source <> 'import' AND NOT EXISTS (SELECT FROM audit_takedowntarget t WHERE t.notice_id = NEW.id)
  OR EXISTS (SELECT FROM audit_takedowntarget t WHERE t.notice_id = NEW.id AND t.disabled_at IS NULL)
) THEN
  RAISE EXCEPTION 'Everything that the notice names has to be disabled, and it has to name something.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_takedownnotice_disabled', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.status IN ('restored', 'withdrawn') AND EXISTS (
  SELECT FROM audit_takedowntarget t
  WHERE t.notice_id = NEW.id AND t.disabled_at IS NOT NULL AND t.restored_at IS NULL
) THEN
  RAISE EXCEPTION 'Something that this notice disabled has not been restored.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_takedownnotice_restored', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class TakesSubject(Trigger):
    """On targets: there is such an archive or stream, and it belongs to the performer whom the row names."""

    name = "15_take_subject"
    words = "Takes the performer from the archive or stream; refuses one that does not exist."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
NEW.performer_id := NULL;
IF NEW.subject_kind = 'archive' THEN
  SELECT a.performer_id INTO NEW.performer_id FROM streams_archive a WHERE a.id = NEW.subject_id;
ELSIF NEW.subject_kind = 'stream' THEN
  SELECT s.performer_id INTO NEW.performer_id FROM streams_stream s WHERE s.id = NEW.subject_id;
END IF;
IF NEW.performer_id IS NULL THEN
  RAISE EXCEPTION 'There is no % with this id; look its id up on its page.', NEW.subject_kind
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_takedowntarget_subject', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class NamedWhileOpen(Trigger):
    """On targets: a notice names things until it is carried out; later additions would never be disabled."""

    name = "55_while_open"
    words = "Refuses a target of a notice that was carried out or is closed; waits for whoever is moving it."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
PERFORM FROM audit_takedownnotice n
WHERE n.id = NEW.notice_id AND n.status IN ('received', 'incomplete', 'accepted') FOR NO KEY UPDATE;
IF NOT FOUND THEN
  RAISE EXCEPTION 'This notice was carried out or is closed: a further complaint is a notice of its own.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_takedowntarget_open', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class ListsPerformer(Trigger):
    """On targets: the notice says whom it is about, by which its policies let people read and act."""

    name = "85_list_performer"
    words = "Adds the performer to the list of the notice."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
UPDATE audit_takedownnotice n
SET performer_ids = (
  SELECT array_agg(DISTINCT t.performer_id ORDER BY t.performer_id)
  FROM audit_takedowntarget t WHERE t.notice_id = NEW.notice_id
)
WHERE n.id = NEW.notice_id AND NOT n.performer_ids @> ARRAY[NEW.performer_id];
RETURN NULL;"""


class DisabledOnce(Trigger):
    """On targets: disabled while the notice is accepted, restored while it stands, and each of it once."""

    name = "45_once"
    words = "What disabling did is written once, while the notice is accepted; it is undone once, while it stands."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("v_status", "text")]

    def get_func(self, model: Any) -> str:
        return """
IF OLD.disabled_at IS NOT NULL AND ROW(NEW.disabled_at, NEW.effect, NEW.decision_id, NEW.status_before)
    IS DISTINCT FROM ROW(OLD.disabled_at, OLD.effect, OLD.decision_id, OLD.status_before)
  OR OLD.restored_at IS NOT NULL AND NEW.restored_at IS DISTINCT FROM OLD.restored_at THEN
  RAISE EXCEPTION 'What was done to a target of a notice is never rewritten.' USING ERRCODE = 'restrict_violation';
END IF;
SELECT n.status INTO v_status FROM audit_takedownnotice n WHERE n.id = NEW.notice_id;
IF OLD.disabled_at IS NULL AND NEW.disabled_at IS NOT NULL AND v_status <> 'accepted' THEN
  RAISE EXCEPTION 'Content is disabled while its notice is accepted, not while it is %.', v_status
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_takedowntarget_accepted', TABLE = TG_TABLE_NAME;
END IF;
IF OLD.restored_at IS NULL AND NEW.restored_at IS NOT NULL
  AND v_status NOT IN ('content_disabled', 'counter_noticed', 'upheld') THEN
  RAISE EXCEPTION 'Content is restored while its notice stands, not while it is %.', v_status
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_takedowntarget_standing', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class AnswersDisabled(Trigger):
    """On what a counter-notice answers: content of its performer that its notice disabled and nobody restored."""

    name = "15_answer"
    words = "Refuses an answer about what is not disabled, is another notice's or somebody else's; it begins live."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
SELECT c.performer_id INTO NEW.performer_id FROM audit_counternotice c WHERE c.id = NEW.counter_notice_id;
NEW.is_live := true;
-- The notice before its targets, as whoever handles it locks them; its foreign key would ask for it last of all.
PERFORM FROM audit_takedownnotice n JOIN audit_counternotice c ON c.id = NEW.counter_notice_id
WHERE n.id = c.notice_id FOR SHARE OF n;
PERFORM FROM audit_takedowntarget t JOIN audit_counternotice c ON c.id = NEW.counter_notice_id
WHERE t.id = NEW.target_id AND t.notice_id = c.notice_id AND t.performer_id = c.performer_id
  AND t.disabled_at IS NOT NULL AND t.restored_at IS NULL
  AND c.status = 'received'
FOR SHARE OF t;
IF NOT FOUND THEN
  RAISE EXCEPTION 'A counter-notice answers what its notice disabled, of the same performer, while it is disabled.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_counternoticetarget_answer', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class LivesWhileOpen(Trigger):
    """On counter-notices: what one answers is free for another one when it is closed."""

    name = "85_live"
    words = "Keeps is_live of what the counter-notice answers: true until it is closed."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return """
UPDATE audit_counternoticetarget l SET is_live = NEW.status IN ('received', 'incomplete', 'valid')
WHERE l.counter_notice_id = NEW.id AND l.is_live <> (NEW.status IN ('received', 'incomplete', 'valid'));
RETURN NULL;"""


class RestoredWithContent(Trigger):
    """On counter-notices: one is valid that answers something; restored when all that it answers is."""

    name = "50_whole"
    words = (
        "Refuses a valid counter-notice that answers nothing, and a restoration that left something disabled."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return """
IF NEW.status = 'valid' AND OLD.status <> 'valid' AND NEW.source <> 'import' AND NOT EXISTS (
  SELECT FROM audit_counternoticetarget l WHERE l.counter_notice_id = NEW.id
) THEN
  RAISE EXCEPTION 'A counter-notice says what it answers.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_counternotice_answers', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.status = 'restored' AND OLD.status <> 'restored' AND EXISTS (
  SELECT FROM audit_counternoticetarget l JOIN audit_takedowntarget t ON t.id = l.target_id
  WHERE l.counter_notice_id = NEW.id AND t.restored_at IS NULL
) THEN
  RAISE EXCEPTION 'Something that this counter-notice answers is still disabled.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_counternotice_restored', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
