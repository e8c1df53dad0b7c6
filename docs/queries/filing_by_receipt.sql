-- question: Which filing does an authority call this?
-- asks: Filings of the back office, and the search box of compliance (audit.admin.filings.find_filings)
-- role: vbl_compliance
-- twin: ComplianceFiling.objects.filter(authority_reference=receipt)
-- index: audit_compliancefiling_receipt_idx
-- rows: 1
-- partitions: 0
\set receipt 'CT-42'
SELECT id, reference, kind, authority, filed_at
FROM audit_compliancefiling
WHERE authority_reference = :'receipt';
