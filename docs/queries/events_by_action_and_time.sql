-- question: Which people were restricted within this hour, newest first?
-- asks: Trail of the back office, filtered by action and time; a filter on created_at would read every partition
-- role: vbl_auditor
-- twin: Event.objects.filter(action="restriction_placed").between(now(), now() + timedelta(hours=1)).order_by("-id")[:25]
-- index: audit_event_action_id_idx
-- rows: 25
-- partitions: 2
SELECT id, actor_id, subject_id
FROM audit_event
WHERE action = 'restriction_placed'
  -- The smallest UUIDv7 of an instant: 48 bits of milliseconds, version 7, variant 8, the rest zero.
  AND id >= (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
  AND id < (lpad(to_hex((extract(epoch FROM now() + interval '1 hour') * 1000)::bigint), 12, '0')
    || '70008000000000000000')::uuid
ORDER BY id DESC
LIMIT 25;
