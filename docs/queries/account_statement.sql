-- question: What was posted to this account, with the balance after each line, the oldest first?
-- asks: The statement of an account in the back office (billing.ledger_selectors.account_statement)
-- role: vbl_finance
-- twin: AccountStatementLine.objects.filter(account_id=account).order_by("booked_on", "moment", "entry_id", "position")[:50]
-- index: billing_posting_account_moment_idx
-- rows: 50
-- partitions: 0
\set account '01977421-8010-7000-8009-00000000002a'
SELECT id, booked_on, kind, debit, credit, balance
FROM billing_accountstatementline
WHERE account_id = :'account'
ORDER BY booked_on, moment, entry_id, position
LIMIT 50;
