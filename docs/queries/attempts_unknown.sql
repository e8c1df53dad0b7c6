-- question: Of which attempts does nobody know what came, the oldest first?
-- asks: The card on the home page of finance
-- role: vbl_finance
-- twin: PaymentAttempt.objects.filter(status="unknown").order_by("pk")[:50]
-- index: billing_paymentattempt_status_id_idx
-- rows: 50
-- partitions: 0
SELECT id, payment_id, kind, amount
FROM billing_paymentattempt
WHERE status = 'unknown'
ORDER BY id
LIMIT 50;
