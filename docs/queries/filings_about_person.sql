-- question: What was reported to authorities about this person, the newest first?
-- asks: A person's page in the back office; the search by handle (audit.admin.filings.find_filings)
-- role: vbl_compliance
-- twin: ComplianceFiling.objects.filter(person_id=person).order_by("-id")
-- index: audit_compliancefiling_person_idx
-- rows: 9
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, reference, kind, authority, status, due_at, filed_at
FROM audit_compliancefiling
WHERE person_id = :'person'
ORDER BY id DESC;
