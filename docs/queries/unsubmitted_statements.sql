-- question: Which statements of reasons does the transparency database not know yet, the oldest first?
-- asks: The submission to the transparency database, as the worker
-- role: vbl_worker
-- twin: StatementOfReasons.objects.filter(submitted_at__isnull=True).order_by("pk")[:100]
-- index: audit_statementofreasons_unsent_idx
-- rows: 100
-- partitions: 0
SELECT id, decision_id, platform_identifier, issued_at
FROM audit_statementofreasons
WHERE submitted_at IS NULL
ORDER BY id
LIMIT 100;
