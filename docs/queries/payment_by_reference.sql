-- question: Which payment does the provider call so?
-- asks: The search box of finance; billing.services.payment_facts, for every message
-- role: vbl_finance
-- twin: Payment.objects.filter(provider_reference=reference)
-- index: billing_payment_provider_reference_idx
-- rows: 1
-- partitions: 0
\set reference 'pay_rows_42'
SELECT id, status, captured_settled, refunded_settled
FROM billing_payment
WHERE provider_reference = :'reference';
