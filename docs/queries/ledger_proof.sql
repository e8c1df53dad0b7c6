-- question: Is the balance of this account the sum of everything that was posted to it?
-- asks: An auditor, about one account; ledger_prove asks it of all, every night
-- role: vbl_auditor
-- twin: LedgerProof.objects.filter(account_id=account)
-- index: billing_posting_account_moment_idx
-- rows: 1
-- partitions: 0
\set account '01977421-8010-7000-8009-00000000002a'
SELECT account_id, code, shown, recomputed, difference
FROM billing_ledgerproof
WHERE account_id = :'account';
