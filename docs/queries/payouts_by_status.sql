-- question: Which payouts came back, the newest first?
-- asks: Payouts of the back office filtered by status; the cards of finance
-- role: vbl_finance
-- twin: Payout.objects.filter(status="returned").order_by("-id")[:51]
-- index: billing_payout_status_id_idx
-- rows: 51
-- partitions: 0
SELECT id, amount, currency, failure_code
FROM billing_payout
WHERE status = 'returned'
ORDER BY id DESC
LIMIT 51;
