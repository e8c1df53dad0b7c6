-- question: Which sessions ended by themselves more than 90 days ago and may be deleted?
-- asks: The retention of accounts_usersession; the deletion itself is done as vbl_retention
-- role: vbl_auditor
-- twin: UserSession.objects.filter(expires_at__lt=Now() - timedelta(days=90)).order_by("expires_at")[:1000]
-- index: accounts_usersession_expires_at_idx
-- rows: 1000
-- partitions: 0
SELECT id
FROM accounts_usersession
WHERE expires_at < statement_timestamp() - interval '90 days'
ORDER BY expires_at
LIMIT 1000;
