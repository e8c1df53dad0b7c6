-- question: Which suspicions of this kind has nobody looked at, newest first?
-- asks: Home page of moderators and their list of flags
-- role: vbl_moderator
-- twin: AccountFlag.objects.open().filter(kind=kind).order_by("-id")[:25]
-- index: accounts_accountflag_kind_id_idx
-- rows: 25
-- partitions: 0
\set kind 'spam'
SELECT id, user_id, source, confidence
FROM accounts_accountflag
WHERE resolved_at IS NULL
  AND kind = :'kind'
ORDER BY id DESC
LIMIT 25;
