-- question: Is this person of age by an assurance in force?
-- asks: accounts.selectors.is_of_age, wherever content for adults begins
-- role: vbl_worker
-- twin: AgeAssurance.objects.of_age().filter(user_id=person)
-- index: accounts_ageassurance_valid_excl
-- rows: 1
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, age_band, upper(valid) AS until
FROM accounts_ageassurance
WHERE user_id = :'person'
  AND valid @> statement_timestamp()
  AND outcome = 'of_age';
