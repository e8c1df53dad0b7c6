"""Triggers of policies and queues: published wording never changes, codes never change, trees stay trees."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class PublishedForGood(Trigger):
    """A published version is what decisions rest on: nobody changes or deletes it, the owner neither."""

    name = "20_published"
    words = "A published version of a policy is never changed or deleted."
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
IF OLD.status = 'published' THEN
  RAISE EXCEPTION 'A published version of a policy never changes: write a new one.'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'audit_policyversion_published', TABLE = TG_TABLE_NAME;
END IF;
IF TG_OP = 'DELETE' THEN
  RETURN OLD;
END IF;
RETURN NEW;"""


class CountsVersions(Trigger):
    """Numbers without gaps, one draft at a time, publication from now on, by somebody else than the writer."""

    name = "50_count"
    words = (
        "Numbers the versions of a policy, one draft at a time; a version begins to hold in the future, never in "
        "the past, and is published by whoever acts."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'INSERT' THEN
  PERFORM FROM audit_moderationpolicy p WHERE p.id = NEW.policy_id FOR UPDATE;
  IF EXISTS (SELECT FROM audit_policyversion v WHERE v.policy_id = NEW.policy_id AND v.status = 'draft') THEN
    RAISE EXCEPTION 'This policy has a draft already. Change that one, or discard it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_policyversion_draft', TABLE = TG_TABLE_NAME;
  END IF;
  SELECT coalesce(max(v.number), 0) + 1 INTO NEW.number FROM audit_policyversion v WHERE v.policy_id = NEW.policy_id;
  RETURN NEW;
END IF;
IF NEW.policy_id IS DISTINCT FROM OLD.policy_id OR NEW.number IS DISTINCT FROM OLD.number
  OR NEW.drafted_by_id IS DISTINCT FROM OLD.drafted_by_id THEN
  RAISE EXCEPTION 'policy, number and drafted_by of % cannot be changed', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END IF;
IF NEW.status = 'published' THEN
  IF EXISTS (SELECT FROM audit_moderationpolicy p WHERE p.id = NEW.policy_id AND p.retired_at IS NOT NULL) THEN
    RAISE EXCEPTION 'This policy is retired; no version of it can be published.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_policyversion_retired', TABLE = TG_TABLE_NAME;
  END IF;
  NEW.effective_at := greatest(coalesce(NEW.effective_at, statement_timestamp()), statement_timestamp());
  NEW.published_by_id := nullif(current_setting('app.user_id', true), '')::uuid;
  IF EXISTS (
    SELECT FROM audit_policyversion v
    WHERE v.policy_id = NEW.policy_id AND v.status = 'published' AND v.effective_at >= NEW.effective_at
  ) THEN
    RAISE EXCEPTION 'A later version of this policy begins to hold before: choose a time after that.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_policyversion_order', TABLE = TG_TABLE_NAME;
  END IF;
END IF;
RETURN NEW;"""


class PolicyIsATree(Trigger):
    """Four levels at most, no circle, and a policy is retired once."""

    name = "50_tree"
    words = "Policies form a tree of at most four levels; one that is retired stays so."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("above", "uuid"), ("steps", "integer := 1")]

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'UPDATE' THEN
  IF OLD.retired_at IS NOT NULL AND NEW.retired_at IS DISTINCT FROM OLD.retired_at THEN
    RAISE EXCEPTION 'This policy is retired; make a new one.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_moderationpolicy_retired', TABLE = TG_TABLE_NAME;
  END IF;
  IF OLD.retired_at IS NULL AND NEW.retired_at IS NOT NULL THEN
    NEW.retired_at := statement_timestamp();
  END IF;
END IF;
above := NEW.parent_id;
WHILE above IS NOT NULL LOOP
  steps := steps + 1;
  IF steps > 4 OR above = NEW.id THEN
    RAISE EXCEPTION 'Policies form a tree of at most four levels.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_moderationpolicy_tree', TABLE = TG_TABLE_NAME;
  END IF;
  SELECT p.parent_id INTO above FROM audit_moderationpolicy p WHERE p.id = above;
END LOOP;
RETURN NEW;"""


class QueueTakesCasesAlong(Trigger):
    """What waits in a queue becomes hidden or visible with it. A queue is closed only when nothing waits in it."""

    name = "90_take_along"
    words = (
        "Cases follow their queue when it becomes one for leads only, or ceases to be; refuses to close a queue in "
        "which cases wait or that a rule names."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("leads_only", "is_active")

    def get_func(self, model: Any) -> str:
        return """
IF OLD.is_active AND NOT NEW.is_active AND (
  EXISTS (
    SELECT FROM audit_case c
    WHERE c.queue_id = NEW.id AND c.status IN ('open', 'reopened', 'escalated', 'claimed')
  )
  OR EXISTS (SELECT FROM audit_queuerule r WHERE r.queue_id = NEW.id AND r.is_active)
) THEN
  RAISE EXCEPTION 'Cases wait in this queue, or a rule fills it. Move them and change the rule first.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_queue_in_use', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.leads_only IS DISTINCT FROM OLD.leads_only THEN
  UPDATE audit_case c SET leads_only = NEW.leads_only WHERE c.queue_id = NEW.id AND c.leads_only <> NEW.leads_only;
END IF;
RETURN NULL;"""
