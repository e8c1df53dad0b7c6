-- question: Whose last restriction has run out, so that the account is active again?
-- asks: accounts.services.restrictions.restrictions_expire, every minute as the worker
-- role: vbl_worker
-- twin: User.objects.filter(status="restricted").exclude(restrictions__valid__contains=Now()).order_by("id")[:500]
-- index: accounts_user_status_id_idx
-- rows: 500
-- partitions: 0
SELECT id
FROM accounts_user u
WHERE status = 'restricted'
  AND NOT EXISTS (
    SELECT FROM accounts_restriction r
    WHERE r.user_id = u.id AND r.valid @> statement_timestamp()
  )
ORDER BY id
LIMIT 500;
