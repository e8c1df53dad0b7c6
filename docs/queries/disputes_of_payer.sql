-- question: What did this payer dispute, the newest first?
-- asks: A person's page in the back office; billing.services.risk_reviews, which counts them
-- role: vbl_finance
-- twin: Dispute.objects.filter(user_id=payer).order_by("-pk")[:20]
-- index: billing_dispute_user_id_idx
-- rows: 10
-- partitions: 0
\set payer '019a7afd-c210-7000-8001-00000000002a'
SELECT id, status, amount, charged_back
FROM billing_dispute
WHERE user_id = :'payer'
ORDER BY id DESC
LIMIT 20;
