-- question: Which payments were made by a card that ends so, the newest first?
-- asks: The search box of finance and the list of payments
-- role: vbl_finance
-- twin: Payment.objects.filter(payment_method__last_four=last_four).order_by("-pk")[:20]
-- index: billing_paymentmethod_last_four_id_idx
-- rows: 20
-- partitions: 0
\set last_four '0042'
SELECT p.id, p.status, p.amount
FROM billing_payment p
JOIN billing_paymentmethod m ON m.id = p.payment_method_id
WHERE m.last_four = :'last_four'
ORDER BY p.id DESC
LIMIT 20;
