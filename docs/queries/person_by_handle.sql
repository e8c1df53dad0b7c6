-- question: Which living person has exactly this handle, whatever the letter case?
-- asks: Sign-in; search box of the back office (accounts.admin.search.find_people)
-- role: vbl_support
-- twin: User.objects.with_handle(handle)
-- index: accounts_user_handle_key
-- rows: 1
-- partitions: 0
\set handle 'VIEWER_00042'
SELECT id, handle, status
FROM accounts_user
WHERE erased_at IS NULL
  AND lower(handle COLLATE pg_unicode_fast) = lower(:'handle' COLLATE pg_unicode_fast);
