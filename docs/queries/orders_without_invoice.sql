-- question: Which orders of the last day are paid and have no invoice, the oldest first?
-- asks: invoices_number, which writes them once a company sells there; the check-list of the close
-- role: vbl_worker
-- twin: Order.objects.filter(paid_at__gte=Now() - timedelta(days=1), invoice__isnull=True).order_by("paid_at", "pk")[:5]
-- index: billing_order_paid_at_id_idx
-- rows: 5
-- partitions: 0
SELECT o.id, o.paid_at
FROM billing_order o
LEFT JOIN billing_invoice i ON i.order_id = o.id
WHERE o.paid_at >= statement_timestamp() - interval '1 day' AND i.id IS NULL
ORDER BY o.paid_at, o.id
LIMIT 5;
