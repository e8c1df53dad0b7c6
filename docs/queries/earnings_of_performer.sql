-- question: What did this performer earn, the newest first?
-- asks: Earnings of the back office filtered by performer; her own list
-- role: vbl_finance
-- twin: Earning.objects.filter(performer=performer).order_by("-pk")[:20]
-- index: billing_earning_performer_id_idx
-- rows: 20
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, amount, currency, earned_at, available_on
FROM billing_earning
WHERE performer_id = :'performer'
ORDER BY id DESC
LIMIT 20;
