-- question: Which batches of payouts wait in draft, the newest first?
-- asks: The queue of batches in the back office; the cards of finance
-- role: vbl_finance
-- twin: PayoutBatch.objects.filter(status="draft").order_by("-id")[:20]
-- index: billing_payoutbatch_status_id_idx
-- rows: 20
-- partitions: 0
SELECT id, status, total, payout_count
FROM billing_payoutbatch
WHERE status = 'draft'
ORDER BY id DESC
LIMIT 20;
