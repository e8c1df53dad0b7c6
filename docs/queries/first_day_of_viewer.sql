-- question: When was this person here for the first time?
-- asks: analytics_viewer_days_compute, which carries the first day along to later ones
-- role: vbl_worker
-- twin: ViewerActivityDay.objects.filter(user=person).order_by("pk")[:1]
-- index: analytics_vieweractivityday_user_id_idx
-- rows: 1
-- partitions: all
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, first_day
FROM analytics_vieweractivityday
WHERE user_id = :'person'
ORDER BY id
LIMIT 1;
