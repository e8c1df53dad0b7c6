-- question: Which risk reviews wait for somebody, the oldest first?
-- asks: The queue of risk reviews in the back office; the card on the home page
-- role: vbl_finance
-- twin: RiskReview.objects.open().order_by("pk")[:51]
-- index: billing_riskreview_open_idx
-- rows: 51
-- partitions: 0
SELECT id, user_id, cause, status
FROM billing_riskreview
WHERE status IN ('open', 'assigned')
ORDER BY id
LIMIT 51;
