-- question: Of those who signed up in each of these weeks, how many were here, bought, and bought again within four weeks?
-- asks: The page From sign-up to purchase of the back office (analytics.selectors.conversion)
-- role: vbl_analyst
-- twin: ConversionFunnel.objects.filter(within_days=28, week__gte=since, week__lte=until).order_by("week", "source")
-- index: analytics_conversionfunnel_within_days_week_source_key
-- rows: 20
-- partitions: 0
\set since '2025-10-06'
\set until '2025-12-08'
SELECT id, week, source, signed_up, here, bought, bought_again
FROM analytics_conversionfunnel
WHERE within_days = 28 AND week >= :'since' AND week <= :'until'
ORDER BY week, source;
