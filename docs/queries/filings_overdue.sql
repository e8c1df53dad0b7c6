-- question: Which filings should an authority have by now, the longest overdue first?
-- asks: Filings of the back office; the card on the home page of compliance; manage.py filings_due, hourly
-- role: vbl_compliance
-- twin: ComplianceFiling.objects.overdue()[:21]
-- index: audit_compliancefiling_due_idx
-- rows: 21
-- partitions: 0
SELECT id, reference, kind, authority, status, due_at
FROM audit_compliancefiling
WHERE status IN ('draft', 'submitted', 'approved')
  AND due_at <= statement_timestamp()
ORDER BY due_at, id
LIMIT 21;
