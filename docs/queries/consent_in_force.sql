-- question: Has this person agreed to this purpose, and not withdrawn?
-- asks: accounts.selectors.consent_in_force, before anything is done for the purpose
-- role: vbl_worker
-- twin: Consent.objects.of(person, "analytics").in_force()
-- index: accounts_consent_valid_excl
-- rows: 1
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, lower(valid) AS given_at
FROM accounts_consent
WHERE user_id = :'person'
  AND purpose = 'analytics'
  AND valid @> statement_timestamp();
