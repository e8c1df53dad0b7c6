-- question: What is planned, by anybody, within one week of a viewer's clock?
-- asks: performers.selectors.broadcasts_of_week, which turns the viewer's midnights into instants first
-- role: vbl_viewer
-- twin: ScheduleOccurrence.objects.shown().between(now() + timedelta(days=60), now() + timedelta(days=67)).order_by("starts_at", "pk")[:200]
-- index: performers_scheduleoccurrence_shown_idx
-- rows: 200
-- partitions: 0
SELECT id, performer_id, title, status, lower(during) AS starts_at, upper(during) AS ends_at
FROM performers_scheduleoccurrence
WHERE starts_at > now() + interval '59 days'
  AND starts_at < now() + interval '67 days'
  AND during && tstzrange(now() + interval '60 days', now() + interval '67 days')
  AND is_public
ORDER BY starts_at, id
LIMIT 200;
