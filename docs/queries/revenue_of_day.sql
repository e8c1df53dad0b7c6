-- question: What was sold, given back and kept on this day in euros, the most sales first?
-- asks: The page of revenue, which sums them by kind and country (analytics.selectors.revenue)
-- role: vbl_finance
-- twin: RevenueDay.objects.filter(day="2026-03-01", currency="EUR").order_by("-gross", "pk")[:50]
-- index: analytics_revenueday_bucket_key
-- rows: 50
-- partitions: 0
SELECT id, kind, performer_id, country, gross, refunds, disputes, tax, performer_share, studio_share, platform_share
FROM analytics_revenueday
WHERE day = '2026-03-01' AND currency = 'EUR'
ORDER BY gross DESC, id
LIMIT 50;
