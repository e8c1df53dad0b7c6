-- question: Which payment methods end so, the newest first?
-- asks: Payment methods of the back office
-- role: vbl_finance
-- twin: PaymentMethod.objects.filter(last_four=last_four).order_by("-pk")[:51]
-- index: billing_paymentmethod_last_four_id_idx
-- rows: 51
-- partitions: 0
\set last_four '0042'
SELECT id, brand, last_four, status
FROM billing_paymentmethod
WHERE last_four = :'last_four'
ORDER BY id DESC
LIMIT 51;
