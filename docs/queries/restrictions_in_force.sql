-- question: What may this person not do now, since when and until when?
-- asks: A person's page in the back office; accounts.services.restrictions, which lets the status follow
-- role: vbl_moderator
-- twin: Restriction.objects.in_force().filter(user_id=person).order_by("-id")
-- index: accounts_restriction_valid_excl
-- rows: 6
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, kind, lower(valid) AS since, upper(valid) AS until
FROM accounts_restriction
WHERE user_id = :'person'
  AND valid @> statement_timestamp()
ORDER BY id DESC;
