-- question: What did this person do, newest first?
-- asks: Trail of the back office; the home page's list of one's own last acts (audit.models.trail.event.of_actor)
-- role: vbl_auditor
-- twin: Event.objects.of_actor(person).order_by("-id")[:25]
-- index: audit_event_actor_id_idx
-- rows: 25
-- partitions: all
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, action, subject_type, subject_id
FROM audit_event
WHERE actor_id = :'person'
ORDER BY id DESC
LIMIT 25;
