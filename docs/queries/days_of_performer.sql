-- question: What did this performer come to, day by day in a range?
-- asks: analytics.selectors.performers, for the page of a performer's figures and her months
-- role: vbl_analyst
-- twin: PerformerDay.objects.filter(performer=performer, day__gte=since, day__lte=until).order_by("day")
-- index: analytics_performerday_performer_day_key
-- rows: 28
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
\set since '2026-05-01'
\set until '2026-05-28'
SELECT id, day, unique_viewers, peak_viewers, average_viewers, watch_seconds, chat_messages, tokens_spent, followers
FROM analytics_performerday
WHERE performer_id = :'performer' AND day >= :'since' AND day <= :'until'
ORDER BY day;
