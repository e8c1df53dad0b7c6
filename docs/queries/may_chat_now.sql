-- question: Is this person barred from chatting at this moment?
-- asks: The chat, for each message; sign-in asks the same of the kind sign_in (accounts.authentication)
-- role: vbl_app
-- twin: Restriction.objects.in_force().filter(user_id=person, kind="chat").order_by("id")[:1]
-- index: accounts_restriction_valid_excl
-- rows: 1
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id
FROM accounts_restriction
WHERE user_id = :'person'
  AND kind = 'chat'
  AND valid @> statement_timestamp()
ORDER BY id
LIMIT 1;
