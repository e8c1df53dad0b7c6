-- question: What stands on these two accounts of the platform, and on which side?
-- asks: The trial balance in the back office (billing.ledger_selectors.trial_balance), which asks it of all accounts
-- role: vbl_finance
-- twin: TrialBalanceLine.objects.filter(code__in=[cash, deferred]).order_by("code")
-- index: billing_posting_account_moment_idx
-- rows: 2
-- partitions: 0
\set cash 'cash:rows:EUR'
\set deferred 'deferred_revenue:EUR'
SELECT account_id, code, type, debit, credit
FROM billing_trialbalanceline
WHERE code IN (:'cash', :'deferred')
ORDER BY code;
