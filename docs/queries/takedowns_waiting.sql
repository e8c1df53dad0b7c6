-- question: Which copyright notices wait for somebody, the oldest first?
-- asks: Take-down notices of the back office; the card on the home page of compliance and lead moderators
-- role: vbl_compliance
-- twin: TakedownNotice.objects.waiting()[:51]
-- index: audit_takedownnotice_waiting_idx
-- rows: 51
-- partitions: 0
SELECT id, reference, status, due_at
FROM audit_takedownnotice
WHERE due_at IS NOT NULL
ORDER BY id
LIMIT 51;
