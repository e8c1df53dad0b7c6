-- question: What is kept under this file number of an authority, the newest first?
-- asks: Legal holds of the back office, and the search box of compliance (audit.admin.legal_holds.find_holds)
-- role: vbl_compliance
-- twin: LegalHold.objects.filter(reference=reference).order_by("-id")
-- index: audit_legalhold_reference_id_idx
-- rows: 1
-- partitions: 0
\set reference 'File 42'
SELECT id, scope_kind, scope_id, authority, lower(valid) AS since, upper(valid) AS until
FROM audit_legalhold
WHERE reference = :'reference'
ORDER BY id DESC;
