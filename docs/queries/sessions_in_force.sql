-- question: On which devices is this person signed in?
-- asks: A person's page in the back office; the person's own list of devices
-- role: vbl_support
-- twin: UserSession.objects.in_force().filter(user_id=person).order_by("-id")
-- index: accounts_usersession_user_id_idx
-- rows: 50
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, last_used_at, expires_at
FROM accounts_usersession
WHERE user_id = :'person'
  AND revoked_at IS NULL
  AND expires_at > statement_timestamp()
ORDER BY id DESC;
