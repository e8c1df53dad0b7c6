-- question: From which countries was this performer watched, day by day, where that names nobody?
-- asks: The page Audience of the back office (analytics.selectors.audience); her own page
-- role: vbl_analyst
-- twin: AudienceDay.objects.filter(performer=performer, dimension="country", day__gte=since, day__lte=until).order_by("day", "value")
-- index: analytics_audienceday_performer_dimension_day_idx
-- rows: 200
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
\set since '2026-01-10'
\set until '2026-01-19'
SELECT id, day, value, people
FROM analytics_audienceday
WHERE performer_id = :'performer' AND dimension = 'country' AND day >= :'since' AND day <= :'until'
ORDER BY day, value;
