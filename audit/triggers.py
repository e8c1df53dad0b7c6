"""Triggers of this app that are more than the kernel's."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class KeepWords(Trigger):
    """On `audit_label`: words are never changed, and only erased by those who may."""

    name = "20_keep_words"
    words = "Words of the trail are never changed; only compliance and the retention role erase them."
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'DELETE' AND current_user IN ('vbl_retention', 'vbl_compliance') THEN
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
