-- question: How did this payment move, the latest move first?
-- asks: The page of a payment
-- role: vbl_finance
-- twin: PaymentEvent.objects.filter(payment_id=payment).order_by("-pk")[:11]
-- index: billing_paymentevent_payment_id_idx
-- rows: 11
-- partitions: 0
\set payment '019a7afd-c210-7000-8007-00000000002a'
SELECT id, from_status, to_status, provider_time, moved_at
FROM billing_paymentevent
WHERE payment_id = :'payment'
ORDER BY id DESC
LIMIT 11;
