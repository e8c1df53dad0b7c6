-- question: To whom may a batch of this account and currency pay, in the order in which they are locked?
-- asks: billing.services.payout_batches.payout_batch_build
-- role: vbl_worker
-- twin: PayoutDestination.objects.filter(provider_account__code="rows_of_payments", currency_id="EUR", status="active").order_by("pk").only("pk")[:500]
-- index: billing_payoutdestination_provider_account_currency_id_idx
-- rows: 400
-- partitions: 0
SELECT d.id
FROM billing_payoutdestination d JOIN billing_provideraccount a ON a.id = d.provider_account_id
WHERE a.code = 'rows_of_payments' AND d.currency = 'EUR' AND d.status = 'active'
ORDER BY d.id
LIMIT 500;
