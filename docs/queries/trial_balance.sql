-- question: What stands on every account of the platform in this currency, and on which side?
-- asks: The trial balance in the back office (billing.ledger_selectors.trial_balance); closing a month
-- role: vbl_finance
-- twin: TrialBalanceLine.objects.filter(currency=currency).order_by("code")
-- index: billing_posting_account_moment_idx
-- rows: 20
-- partitions: 0
\set currency 'EUR'
SELECT account_id, code, type, debit, credit
FROM billing_trialbalanceline
WHERE currency = :'currency'
ORDER BY code;
