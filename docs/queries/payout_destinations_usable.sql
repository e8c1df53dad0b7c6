-- question: To whom may a batch of this account and currency pay, in the order in which they are locked?
-- asks: billing.services.payout_batches.payout_batch_build
-- role: vbl_worker
-- twin: PayoutDestination.objects.filter(provider_account=account, currency_id="EUR", status="active").order_by("pk").only("pk")[:500]
-- index: billing_payoutdestination_provider_account_currency_id_idx
-- rows: 400
-- partitions: 0
\set account '019a7afd-21e8-7000-8002-000000000001'
SELECT id
FROM billing_payoutdestination
WHERE provider_account_id = :'account' AND currency = 'EUR' AND status = 'active'
ORDER BY id
LIMIT 500;
