-- question: What was done to this row, newest first?
-- asks: Trail of the back office and a person's page (audit.models.trail.event.about)
-- role: vbl_auditor
-- twin: Event.objects.filter(subject_id=person, subject_type="accounts.user").order_by("-id")[:25]
-- index: audit_event_subject_id_id_idx
-- rows: 25
-- partitions: all
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, action, actor_id, acting_role
FROM audit_event
WHERE subject_id = :'person'
  AND subject_type = 'accounts.user'
ORDER BY id DESC
LIMIT 25;
