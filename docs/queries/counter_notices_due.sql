-- question: Which counter-notices are overdue, to be assessed or to be carried out, the longest first?
-- asks: manage.py takedowns_due, hourly as the worker
-- role: vbl_worker
-- twin: CounterNotice.objects.due()[:21]
-- index: audit_counternotice_due_idx
-- rows: 21
-- partitions: 0
SELECT id, notice_id, status, due_at
FROM audit_counternotice
WHERE due_at <= statement_timestamp()
ORDER BY due_at, id
LIMIT 21;
