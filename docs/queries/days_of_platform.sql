-- question: What did the platform come to, day by day in a range?
-- asks: analytics.selectors.platform, for the overview of the platform and the range before
-- role: vbl_analyst
-- twin: PlatformDay.objects.filter(day__gte=since, day__lte=until).order_by("day")
-- index: analytics_platformday_day_key
-- rows: 28
-- partitions: 0
\set since '2026-05-01'
\set until '2026-05-28'
SELECT id, day, performers, streams, unique_viewers, peak_viewers, watch_seconds, chat_messages, tokens_spent
FROM analytics_platformday
WHERE day >= :'since' AND day <= :'until'
ORDER BY day;
