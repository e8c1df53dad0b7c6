-- question: What waits for a second person, the oldest first?
-- asks: The queue of approvals; the card on the home page of finance approvers
-- role: vbl_finance_approver
-- twin: ApprovalRequest.objects.filter(status="pending").order_by("pk")[:51]
-- index: billing_approvalrequest_waiting_idx
-- rows: 51
-- partitions: 0
SELECT id, kind, amount, maker_id
FROM billing_approvalrequest
WHERE status = 'pending'
ORDER BY id
LIMIT 51;
