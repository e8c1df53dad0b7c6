-- question: Which cases were closed in the last seven days, in the order in which they were?
-- asks: Workload of moderation: what was closed in a period, to look at single cases behind the figures
-- role: vbl_lead_moderator
-- twin: Case.objects.filter(closed_at__gte=Now() - timedelta(days=7)).order_by("closed_at")[:500]
-- index: audit_case_closed_at_idx
-- rows: 500
-- partitions: 0
SELECT id
FROM audit_case
WHERE closed_at >= statement_timestamp() - interval '7 days'
ORDER BY closed_at
LIMIT 500;
