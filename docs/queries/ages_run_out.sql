-- question: Which assurances of age have run out and are not marked yet, the oldest first?
-- asks: accounts.services.age_assurances.age_assurances_expire, hourly as the worker
-- role: vbl_worker
-- twin: AgeAssurance.objects.run_out()[:500]
-- index: accounts_ageassurance_end_idx
-- rows: 500
-- partitions: 0
SELECT id, user_id
FROM accounts_ageassurance
WHERE ending IS NULL
  AND upper(valid) <= statement_timestamp()
ORDER BY upper(valid)
LIMIT 500;
