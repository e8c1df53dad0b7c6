-- question: Which copyright notices are overdue, the longest first?
-- asks: manage.py takedowns_due, hourly as the worker; the card on the home page of compliance
-- role: vbl_worker
-- twin: TakedownNotice.objects.due()[:21]
-- index: audit_takedownnotice_due_idx
-- rows: 21
-- partitions: 0
SELECT id, reference, status, due_at
FROM audit_takedownnotice
WHERE due_at <= statement_timestamp()
ORDER BY due_at, id
LIMIT 21;
