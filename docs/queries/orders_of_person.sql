-- question: What did this person order, the newest first?
-- asks: A person's own list of orders; orders of the back office, filtered by person
-- role: vbl_finance
-- twin: Order.objects.filter(user_id=payer).order_by("-pk")[:11]
-- index: billing_order_user_id_idx
-- rows: 11
-- partitions: 0
\set payer '019a7afd-c210-7000-8001-00000000002a'
SELECT id, status, total
FROM billing_order
WHERE user_id = :'payer'
ORDER BY id DESC
LIMIT 11;
