-- question: Which cases of all queues wait, the most urgent first?
-- asks: The list of cases in the back office; claim_next without a queue
-- role: vbl_moderator
-- twin: Case.objects.waiting()[:51]
-- index: audit_case_urgent_idx
-- rows: 51
-- partitions: 0
SELECT id, reference, priority, due_at, claimed_by_id
FROM audit_case
WHERE status IN ('open', 'reopened', 'escalated', 'claimed')
ORDER BY priority DESC, due_at, id
LIMIT 51;
