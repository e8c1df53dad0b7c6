-- question: What did this performer bring in, day by day and in each unit, the latest day first?
-- asks: analytics.selectors.revenue.revenue_of_performer
-- role: vbl_finance
-- twin: RevenueDay.objects.filter(performer=performer, day__gte="2026-01-01").order_by("-day", "pk")[:30]
-- index: analytics_revenueday_performer_day_idx
-- rows: 30
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, day, currency, kind, gross, refunds, performer_share, studio_share, platform_share
FROM analytics_revenueday
WHERE performer_id = :'performer' AND day >= '2026-01-01'
ORDER BY day DESC, id
LIMIT 30;
