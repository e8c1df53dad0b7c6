-- question: Which signed-in device does this cookie belong to?
-- asks: Every request of a signed-in person (accounts.services.sessions)
-- role: vbl_app
-- twin: UserSession.objects.filter(token_digest=bytes.fromhex(digest))
-- index: accounts_usersession_token_digest_key
-- rows: 1
-- partitions: 0
\set digest '000000000000000000000000000000000000000000000000000000000000002a'
SELECT id, user_id, expires_at, revoked_at
FROM accounts_usersession
WHERE token_digest = decode(:'digest', 'hex');
