-- question: For which open disputes is evidence due, the earliest deadline first?
-- asks: Disputes of the back office; the card on the home page of finance (billing.admin.disputes)
-- role: vbl_finance
-- twin: Dispute.objects.open().filter(due_at__isnull=False).order_by("due_at", "pk")[:51]
-- index: billing_dispute_due_at_id_idx
-- rows: 51
-- partitions: 0
SELECT id, due_at, status, amount, currency
FROM billing_dispute
WHERE status IN ('needs_response', 'under_review') AND due_at IS NOT NULL
ORDER BY due_at, id
LIMIT 51;
