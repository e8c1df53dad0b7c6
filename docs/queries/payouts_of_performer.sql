-- question: What was this performer paid, the newest first?
-- asks: The page of a performer; her own list
-- role: vbl_finance
-- twin: Payout.objects.filter(performer=performer).order_by("-pk")[:20]
-- index: billing_payout_performer_idx
-- rows: 20
-- partitions: 0
\set performer '01977420-f758-7000-8001-000000000007'
SELECT id, amount, currency, status, failure_code
FROM billing_payout
WHERE performer_id = :'performer'
ORDER BY id DESC
LIMIT 20;
