-- question: Does a living person have a handle that looks like this one?
-- asks: Registration and change of handle (accounts.services.handles.handle_check)
-- role: vbl_support
-- twin: User.objects.living().filter(handle_skeleton=skeleton)
-- index: accounts_user_handle_skeleton_key
-- rows: 1
-- partitions: 0
\set skeleton 'vlewer_ooo42'
SELECT id, handle
FROM accounts_user
WHERE erased_at IS NULL
  AND handle_skeleton = :'skeleton';
