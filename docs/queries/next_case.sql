-- question: Which free case of this queue does a moderator take next?
-- asks: audit.services.claims.claim_next, which locks it and passes over what others are being given
-- role: vbl_moderator
-- twin: Case.objects.free().filter(queue_id=queue)[:1]
-- index: audit_case_next_idx
-- rows: 1
-- partitions: 0
\set queue '0199c82c-c7d0-7000-8011-000000000002'
SELECT id, reference, priority, due_at
FROM audit_case
WHERE status IN ('open', 'reopened', 'escalated', 'claimed')
  AND queue_id = :'queue'
  AND (claimed_until IS NULL OR claimed_until <= statement_timestamp())
ORDER BY priority DESC, due_at, id
LIMIT 1;
