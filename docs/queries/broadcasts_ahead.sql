-- question: What has this performer planned, or cancelled, from now on, the next first?
-- asks: performers.selectors.broadcasts_ahead, for a performer's page on the public site
-- role: vbl_viewer
-- twin: ScheduleOccurrence.objects.shown().filter(performer_id=performer).upcoming()[:20]
-- index: performers_scheduleoccurrence_performer_starts_at_idx
-- rows: 20
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, title, status, lower(during) AS starts_at, upper(during) AS ends_at
FROM performers_scheduleoccurrence
WHERE performer_id = :'performer'
  AND is_public
  AND starts_at > statement_timestamp()
ORDER BY starts_at, id
LIMIT 20;
