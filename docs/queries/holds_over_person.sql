-- question: Which legal holds in force keep exactly this person?
-- asks: legal_hold_covers, before anything about the person is deleted or edited; a person's page in the back office
-- role: vbl_compliance
-- twin: LegalHold.objects.in_force().about("person", person).order_by("-id")
-- index: audit_legalhold_valid_excl
-- rows: 1
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, authority, reference, lower(valid) AS since, upper(valid) AS until
FROM audit_legalhold
WHERE scope_id = :'person'
  AND scope_kind = 'person'
  AND valid @> statement_timestamp()
ORDER BY id DESC;
