-- question: What did this viewer spend tokens on, the newest first?
-- asks: A wallet's page in the back office; own spends on the public site
-- role: vbl_finance
-- twin: TokenSpend.objects.filter(viewer=viewer).order_by("-pk")[:20]
-- index: billing_tokenspend_viewer_id_idx
-- rows: 20
-- partitions: 0
\set viewer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, performer_id, kind, tokens, spent_at
FROM billing_tokenspend
WHERE viewer_id = :'viewer'
ORDER BY id DESC
LIMIT 20;
