-- question: On which days do figures of revenue differ from the ledger, and by how much?
-- asks: The page of revenue (analytics.selectors.revenue.revenue_proof); manage.py revenue_reconcile, which fails of it
-- role: vbl_auditor
-- twin: RevenueCheck.objects.filter(day__gte="2026-01-01").exclude(difference=0).order_by("day", "currency_id", "measure")
-- index: analytics_revenuecheck_wrong_idx
-- rows: 2
-- partitions: 0
SELECT id, day, currency, measure, figures, ledger, difference
FROM analytics_revenuecheck
WHERE day >= '2026-01-01' AND difference <> 0
ORDER BY day, currency, measure;
