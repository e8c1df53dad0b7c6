-- question: What did this person pay, the newest first?
-- asks: A person's page in the back office; the person's own list
-- role: vbl_finance
-- twin: Payment.objects.filter(user_id=payer).order_by("-pk")[:11]
-- index: billing_payment_user_id_idx
-- rows: 11
-- partitions: 0
\set payer '019a7afd-c210-7000-8001-00000000002a'
SELECT id, status, amount, refunded_settled
FROM billing_payment
WHERE user_id = :'payer'
ORDER BY id DESC
LIMIT 11;
