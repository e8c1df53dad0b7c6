"""What the database itself sees to about notifications."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class VersionsAreCounted(Trigger):
    """Numbers without gaps, one draft at a time; a published version is for good."""

    name = "20_count"
    words = (
        "Numbers the versions of a template, one draft at a time; refuses to change or delete a published one; whoever "
        "acts is who publishes."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'INSERT' THEN
  PERFORM FROM engagement_notificationtemplate t WHERE t.id = NEW.template_id FOR UPDATE;
  IF EXISTS (
    SELECT FROM engagement_templateversion v WHERE v.template_id = NEW.template_id AND v.status = 'draft'
  ) THEN
    RAISE EXCEPTION 'This template has a draft already. Change that one, or discard it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_templateversion_draft', TABLE = TG_TABLE_NAME;
  END IF;
  SELECT coalesce(max(v.number), 0) + 1 INTO NEW.number
  FROM engagement_templateversion v WHERE v.template_id = NEW.template_id;
  RETURN NEW;
END IF;
IF OLD.status = 'published' THEN
  RAISE EXCEPTION 'A published version of a template never changes: write a new one.'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'engagement_templateversion_published', TABLE = TG_TABLE_NAME;
END IF;
IF TG_OP = 'DELETE' THEN
  RETURN OLD;
END IF;
IF ROW(NEW.template_id, NEW.number, NEW.drafted_by_id) IS DISTINCT FROM ROW(OLD.template_id, OLD.number, OLD.drafted_by_id)
THEN
  RAISE EXCEPTION 'template, number and drafted_by of % cannot be changed', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END IF;
IF NEW.status = 'published' THEN
  NEW.published_at := statement_timestamp();
  NEW.published_by_id := nullif(current_setting('app.user_id', true), '')::uuid;
END IF;
RETURN NEW;"""  # noqa: E501


class TemplateIsSafe(Trigger):
    """Nothing but plain text and the variables of the trigger can stand in a template."""

    name = "50_be_safe"
    words = (
        "Refuses a wording that names a variable its trigger does not have, or that holds tags of a template engine, "
        "markup or scripts."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("subject", "body")
    declare = (("known", "jsonb"), ("named", "text"), ("rest", "text"))

    def get_func(self, model: Any) -> str:
        return r"""
rest := NEW.subject || E'\n' || NEW.body;
SELECT t.variables INTO known
FROM engagement_notificationtemplate m JOIN engagement_notificationtrigger t ON t.id = m.trigger_id
WHERE m.id = NEW.template_id;
FOR named IN SELECT (regexp_matches(rest, '\{\{ *([a-z][a-z0-9_]*) *\}\}', 'g'))[1] LOOP
  IF NOT known ? named THEN
    RAISE EXCEPTION 'There is no variable % here. Known are: %.', named,
      coalesce((SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(known) k), 'none')
      USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_templateversion_variables', TABLE = TG_TABLE_NAME;
  END IF;
END LOOP;
rest := regexp_replace(rest, '\{\{ *[a-z][a-z0-9_]* *\}\}', '', 'g');
IF rest ~ '\{\{|\}\}|\{%|%\}|\{#|#\}|\$\{' THEN
  RAISE EXCEPTION 'A template knows nothing but {{ name }}: no filters, calls, conditions or loops.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_templateversion_syntax', TABLE = TG_TABLE_NAME;
END IF;
IF rest ~* '<[a-z/!?]|(javascript|vbscript|data):' THEN
  RAISE EXCEPTION 'A template is plain text: no markup and no scripts.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_templateversion_markup', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class ClaimsEventKey(Trigger):
    """Writes the row that makes an event the only one of its key."""

    name = "50_claim_key"
    words = "Claims the key of the event in engagement_notificationeventkey."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
INSERT INTO engagement_notificationeventkey (id, trigger_id, idempotency_key, happening_id)
VALUES (uuidv7(), NEW.trigger_id, NEW.idempotency_key, NEW.id);
RETURN NEW;"""


class ReadOnce(Trigger):
    """What was seen, read or put away has its time from the database, and stays so."""

    name = "50_read"
    words = (
        "Stamps the times at which a notification was seen, read and put away; none is taken back or moved."
    )
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("seen_at", "read_at", "archived_at")

    def get_func(self, model: Any) -> str:
        parts = []
        for column in ("seen_at", "read_at", "archived_at"):
            parts.append(f"""
IF OLD.{column} IS NOT NULL THEN
  NEW.{column} := OLD.{column};
ELSIF NEW.{column} IS NOT NULL THEN
  NEW.{column} := statement_timestamp();
END IF;""")
        return f"""{"".join(parts)}
IF NEW.read_at IS NOT NULL AND NEW.seen_at IS NULL THEN
  NEW.seen_at := NEW.read_at;
END IF;
RETURN NEW;"""
