-- question: Which cases does this moderator hold now, the first due first?
-- asks: Home page of moderators
-- role: vbl_moderator
-- twin: Case.objects.held_by(moderator)[:51]
-- index: audit_case_claimed_by_due_at_idx
-- rows: 51
-- partitions: 0
\set moderator '018bd107-52c0-7000-8000-000000004a38'
SELECT id, reference, due_at, claimed_until
FROM audit_case
WHERE status IN ('open', 'reopened', 'escalated', 'claimed')
  AND claimed_by_id = :'moderator'
  AND claimed_until > statement_timestamp()
ORDER BY due_at, id
LIMIT 51;
