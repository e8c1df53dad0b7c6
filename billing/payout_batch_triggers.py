"""The trigger of batches of payouts: who made, submitted and approved one, and that it is still what was approved."""

from typing import Any

import pgtrigger

from billing.payment_triggers import ACTS
from core.db.triggers import Trigger


class BatchMoves(Trigger):
    """Maker and submitter are whoever acts; the approval is somebody else's, and of exactly this content.

    The hash is computed anew by `payout_batch_hash` when the batch is submitted and when it is approved.
    """

    name = "46_four_eyes"
    words = (
        "Takes maker and submitter from whoever acts; refuses to submit what the hash is not of, to approve without "
        "the approval of another person who is not paid by it, content that changed since, and to end what is not done."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update
    declare = (("approval", "billing_approvalrequest"),)

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'INSERT' THEN
  IF {ACTS} IS NULL THEN
    RAISE EXCEPTION 'A batch of payouts is prepared by a person.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payoutbatch_person', TABLE = TG_TABLE_NAME;
  END IF;
  NEW.made_by_id := {ACTS};
  RETURN NEW;
END IF;
IF OLD.status <> 'draft' AND (NEW.content_hash, NEW.approval_id, NEW.submitted_by_id, NEW.submitted_at, NEW.total,
    NEW.payout_count) IS DISTINCT FROM (OLD.content_hash, OLD.approval_id, OLD.submitted_by_id, OLD.submitted_at,
    OLD.total, OLD.payout_count) THEN
  RAISE EXCEPTION 'What was submitted stays as it is.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payoutbatch_frozen', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.status = OLD.status THEN
  RETURN NEW;
END IF;
SELECT * INTO approval FROM billing_approvalrequest a WHERE a.id = NEW.approval_id;
IF NEW.status = 'submitted' THEN
  IF {ACTS} IS NULL THEN
    RAISE EXCEPTION 'A batch of payouts is submitted by a person.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payoutbatch_person', TABLE = TG_TABLE_NAME;
  END IF;
  NEW.submitted_by_id := {ACTS};
  IF NOT EXISTS (
    SELECT FROM billing_payout p WHERE p.batch_id = NEW.id
    HAVING count(*) = NEW.payout_count AND sum(p.amount) = NEW.total
  ) THEN
    RAISE EXCEPTION 'A batch has payouts, and its total is their sum.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payoutbatch_total', TABLE = TG_TABLE_NAME;
  END IF;
  IF approval.kind IS DISTINCT FROM 'payout_batch' OR approval.status <> 'pending'
    OR approval.subject_table <> 'billing_payoutbatch' OR approval.subject_id <> NEW.id
    OR approval.amount <> NEW.total OR approval.currency <> NEW.currency OR approval.maker_id <> {ACTS} THEN
    RAISE EXCEPTION 'A batch is submitted with a request for its approval, by whoever submits it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payoutbatch_approval', TABLE = TG_TABLE_NAME;
  END IF;
END IF;
IF NEW.status IN ('submitted', 'approved') AND NEW.content_hash IS DISTINCT FROM payout_batch_hash(NEW.id) THEN
  RAISE EXCEPTION 'The content of this batch is not what its hash was taken of.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payoutbatch_content', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.status = 'approved' THEN
  IF approval.status IS DISTINCT FROM 'approved' THEN
    RAISE EXCEPTION 'This batch waits for an approval.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payoutbatch_approval', TABLE = TG_TABLE_NAME;
  END IF;
  IF approval.checker_id IN (NEW.made_by_id, NEW.submitted_by_id) THEN
    RAISE EXCEPTION 'Nobody approves a batch that they prepared or submitted. Ask a colleague.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payoutbatch_four_eyes', TABLE = TG_TABLE_NAME;
  END IF;
  IF EXISTS (
    SELECT FROM billing_payout p WHERE p.batch_id = NEW.id AND p.performer_id = approval.checker_id
  ) THEN
    RAISE EXCEPTION 'Nobody approves a batch that pays them. Ask a colleague.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payoutbatch_payee', TABLE = TG_TABLE_NAME;
  END IF;
END IF;
IF NEW.status = 'cancelled' AND OLD.status = 'submitted' AND approval.status IS DISTINCT FROM 'refused' THEN
  RAISE EXCEPTION 'What waits for an approval is cancelled by refusing it.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payoutbatch_approval', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.status = 'done' AND EXISTS (
  SELECT FROM billing_payout p WHERE p.batch_id = NEW.id AND p.status IN ('prepared', 'sent', 'unknown')
) THEN
  RAISE EXCEPTION 'The outcome of some payouts of this batch is not known.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payoutbatch_done', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
