"""Triggers of this app that are more than the kernel's."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class KeepWords(Trigger):
    """On `audit_label`: words are never changed, and only erased by those who may.

    The function `audit_labels_erase` runs as the owner, who erases the words about one person that it has named.
    """

    name = "20_keep_words"
    words = (
        "Words of the trail are never changed. Compliance and the retention role erase them, and audit_labels_erase "
        "those about the person it was asked for."
    )
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'DELETE' AND current_user IN ('vbl_retention', 'vbl_compliance') THEN
  RETURN OLD;
END IF;
IF TG_OP = 'DELETE' AND EXISTS (
  SELECT FROM audit_event e
  WHERE e.id = OLD.id AND (
    e.actor_id = nullif(current_setting('app.erased_person', true), '')::uuid
    OR (
      e.subject_type = 'accounts.user'
      AND e.subject_id = nullif(current_setting('app.erased_person', true), '')::uuid
    )
  )
) THEN
  RETURN OLD;
END IF;
RAISE EXCEPTION '% of % is refused: words of the trail are erased or left as they are', TG_OP, TG_TABLE_NAME
  USING ERRCODE = 'restrict_violation';"""


class EndOnce(Trigger):
    """On runs: what has ended is a fact."""

    name = "20_end_once"
    words = "A run that has ended is never changed; only the retention role deletes one."
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'DELETE' THEN
  IF current_user = 'vbl_retention' THEN
    RETURN OLD;
  END IF;
ELSIF OLD.outcome = 'running' THEN
  RETURN NEW;
END IF;
RAISE EXCEPTION '% of % is refused: the run has ended', TG_OP, TG_TABLE_NAME
  USING ERRCODE = 'restrict_violation';"""


class ChainSeals(Trigger):
    """On `audit_seal`: a seal follows the one before it and its head says so, whoever writes it."""

    name = "40_chain"
    words = "A seal follows the one before: its number, epoch, cluster, horizon and head are checked."
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("latest", "audit_seal%ROWTYPE")]

    def get_func(self, model: Any) -> str:
        return """
SELECT * INTO latest FROM audit_seal s WHERE s.id = NEW.previous_id;
IF NEW.number <> coalesce(latest.number, 0) + 1 THEN
  RAISE EXCEPTION 'seal % does not follow seal %', NEW.number, coalesce(latest.number, 0)
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_seal_chain', TABLE = TG_TABLE_NAME;
END IF;
IF latest.id IS NULL AND NEW.epoch <> 1
  OR NEW.epoch NOT IN (latest.epoch, latest.epoch + 1)
  OR NEW.epoch = latest.epoch AND (NEW.horizon < latest.horizon OR NEW.cluster <> latest.cluster)
THEN
  RAISE EXCEPTION 'seal %: the horizon goes back, or the epoch is not the next one', NEW.number
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_seal_horizon', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.head <> audit_seal_head(
  NEW.number, latest.head, NEW.epoch, NEW.horizon, NEW.cluster, NEW.event_count, NEW.first_id, NEW.last_id, NEW.root,
  NEW.sealed_at, NEW.key_number
) THEN
  RAISE EXCEPTION 'seal %: the head is not that of the row', NEW.number
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_seal_head', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
