-- question: When did this person sign in or try to, newest first?
-- asks: A person's page in the back office
-- role: vbl_support
-- twin: LoginEvent.objects.filter(user_id=person).order_by("-id")[:25]
-- index: accounts_loginevent_user_id_idx
-- rows: 25
-- partitions: all
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, succeeded, failure, address
FROM accounts_loginevent
WHERE user_id = :'person'
ORDER BY id DESC
LIMIT 25;
