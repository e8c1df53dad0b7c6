-- question: Which broadcasts of series could not be scheduled and still lie ahead?
-- asks: Card and list of support in the back office
-- role: vbl_support
-- twin: ScheduleOccurrence.objects.conflicting().order_by("starts_at", "pk")[:51]
-- index: performers_scheduleoccurrence_conflicting_idx
-- rows: 51
-- partitions: 0
SELECT id, performer_id, title, during
FROM performers_scheduleoccurrence
WHERE status = 'conflicting'
  AND starts_at > statement_timestamp()
ORDER BY starts_at, id
LIMIT 51;
