-- question: Which exceptions of reconciliation has nobody taken, newest first?
-- asks: The queue of exceptions in the back office (billing.admin.reconciliation_exceptions); the card of finance
-- role: vbl_finance
-- twin: ReconciliationException.objects.filter(status="open").order_by("-id")[:51]
-- index: billing_reconciliationexception_status_id_idx
-- rows: 51
-- partitions: 0
SELECT id, kind, words, reported_amount
FROM billing_reconciliationexception
WHERE status = 'open'
ORDER BY id DESC
LIMIT 51;
