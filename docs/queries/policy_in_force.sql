-- question: Which wording of this policy holds now?
-- asks: The page of a case, with the instant of the report; audit.services.decisions
-- role: vbl_moderator
-- twin: PolicyVersion.objects.published().filter(policy_id=policy, effective_at__lte=Now()).order_by("-effective_at")[:1]
-- index: audit_policyversion_policy_effective_at_idx
-- rows: 1
-- partitions: 0
\set policy '0199c82d-6410-7000-8014-00000000002a'
SELECT id, number, title, strike_points
FROM audit_policyversion
WHERE status = 'published'
  AND policy_id = :'policy'
  AND effective_at <= statement_timestamp()
ORDER BY effective_at DESC
LIMIT 1;
