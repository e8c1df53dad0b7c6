-- question: Which subject requests are overdue, the longest first?
-- asks: manage.py subject_requests_run, hourly as the worker; the card on the home page of compliance
-- role: vbl_worker
-- twin: SubjectRequest.objects.due()[:21]
-- index: audit_subjectrequest_open_idx
-- rows: 21
-- partitions: 0
SELECT id, reference, person_id, kind, deadline
FROM audit_subjectrequest
WHERE status IN ('received', 'verified', 'running')
  AND deadline <= statement_timestamp()
ORDER BY deadline, id
LIMIT 21;
