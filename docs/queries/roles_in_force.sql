-- question: In which roles may this member of staff act now?
-- asks: Sign-in and choice of role, once per request (accounts.models.User.roles_in_force)
-- role: vbl_app
-- twin: RoleGrant.objects.in_force().filter(user_id=person).order_by("role")
-- index: accounts_rolegrant_valid_excl
-- rows: 9
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, role, upper(valid) AS until
FROM accounts_rolegrant
WHERE user_id = :'person'
  AND valid @> statement_timestamp()
ORDER BY role;
