-- question: What did the retention job do to this table, the newest run first?
-- asks: The page of a retention policy in the back office
-- role: vbl_compliance
-- twin: RetentionRun.objects.filter(policy_id=policy).order_by("-id")[:10]
-- index: audit_retentionrun_policy_id_idx
-- rows: 10
-- partitions: 0
\set policy '018bcfe6-0c10-7000-8000-0000000000aa'
SELECT id, started_at, dry_run, found, deleted, held, outcome
FROM audit_retentionrun
WHERE policy_id = :'policy'
ORDER BY id DESC
LIMIT 10;
