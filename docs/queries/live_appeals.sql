-- question: Which appeals wait for a decision, the one that is due first before the others?
-- asks: The queue of appeals of lead moderators
-- role: vbl_lead_moderator
-- twin: Appeal.objects.live()[:51]
-- index: audit_appeal_due_at_id_idx
-- rows: 51
-- partitions: 0
SELECT id, decision_id, side, status, filed_at, due_at
FROM audit_appeal
WHERE status IN ('filed', 'reviewing')
ORDER BY due_at, id
LIMIT 51;
