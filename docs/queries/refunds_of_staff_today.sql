-- question: What did this clerk refund alone since midnight?
-- asks: billing.services.staff_limits.allowance_of, before each refund; the trigger that holds the limit
-- role: vbl_finance
-- twin: Refund.objects.filter(requested_by_id=clerk, pk__gte=since, approval__isnull=True).order_by("pk")[:500]
-- index: billing_refund_requested_by_id_idx
-- rows: 500
-- partitions: 0
\set clerk '019a7afd-3958-7000-8001-000000000007'
\set since '019a0000-0000-7000-8000-000000000000'
SELECT id, amount
FROM billing_refund
WHERE requested_by_id = :'clerk' AND id >= :'since' AND approval_id IS NULL
ORDER BY id
LIMIT 500;
