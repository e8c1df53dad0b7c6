-- question: Which living people have a handle that begins like this, in order of handle?
-- asks: Search box and people list of the back office (accounts.admin.search.find_people)
-- role: vbl_support
-- twin: User.objects.handle_starts_with(prefix).order_by(without_case("handle"))[:20]
-- index: accounts_user_handle_key
-- rows: 20
-- partitions: 0
\set prefix 'viewer_004'
SELECT id, handle, status
FROM accounts_user
WHERE erased_at IS NULL
  -- The underscore stands for any character in LIKE, so it is escaped; the upper bound is PostgreSQL's own work.
  AND lower(handle COLLATE pg_unicode_fast) LIKE replace(lower(:'prefix'), '_', '\_') || '%'
ORDER BY lower(handle COLLATE pg_unicode_fast)
LIMIT 20;
