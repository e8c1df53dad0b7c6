-- question: Who else pays by this card?
-- asks: The page of a payment method
-- role: vbl_finance
-- twin: PaymentMethod.objects.filter(fingerprint=fingerprint).exclude(fingerprint="").order_by("-pk")[:11]
-- index: billing_paymentmethod_fingerprint_idx
-- rows: 11
-- partitions: 0
\set fingerprint 'print_42'
SELECT id, user_id, status
FROM billing_paymentmethod
WHERE fingerprint = :'fingerprint' AND fingerprint <> ''
ORDER BY id DESC
LIMIT 11;
