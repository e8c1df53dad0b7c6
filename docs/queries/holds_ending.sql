-- question: Which legal holds in force end by themselves within 30 days, the first one first?
-- asks: The card on the home page of compliance (LegalHold.objects.ending_before)
-- role: vbl_compliance
-- twin: LegalHold.objects.ending_before(now() + timedelta(days=30))
-- index: audit_legalhold_valid_idx
-- rows: 40
-- partitions: 0
SELECT id, scope_kind, scope_id, authority, reference, upper(valid) AS until
FROM audit_legalhold
WHERE valid @> statement_timestamp()
  AND upper(valid) < statement_timestamp() + interval '30 days'
ORDER BY upper(valid), id;
