-- question: What was spent on this performer, the newest first?
-- asks: A performer's page in the back office; spends filtered by performer
-- role: vbl_finance
-- twin: TokenSpend.objects.filter(performer=performer).order_by("-pk")[:20]
-- index: billing_tokenspend_performer_id_idx
-- rows: 20
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, viewer_id, kind, tokens, spent_at
FROM billing_tokenspend
WHERE performer_id = :'performer'
ORDER BY id DESC
LIMIT 20;
