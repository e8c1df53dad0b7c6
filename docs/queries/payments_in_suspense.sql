-- question: Whose money waits for somebody, the newest first?
-- asks: The card on the home page of finance; payments of the back office
-- role: vbl_finance
-- twin: Payment.objects.exclude(suspended=0).order_by("-pk")[:51]
-- index: billing_payment_suspended_idx
-- rows: 51
-- partitions: 0
SELECT id, suspended, captured_settled, refunded_settled
FROM billing_payment
WHERE NOT (suspended = 0)
ORDER BY id DESC
LIMIT 51;
