-- question: Which periods of subscriptions wait for money?
-- asks: billing.services.dunning.dunning_run, every five minutes as the worker
-- role: vbl_worker
-- twin: SubscriptionPeriod.objects.unpaid().order_by("status", "pk")[:100]
-- index: billing_subscriptionperiod_unpaid_idx
-- rows: 100
-- partitions: 0
SELECT id, subscription_id, order_id, status
FROM billing_subscriptionperiod
WHERE status IN ('open', 'proposed')
ORDER BY status, id
LIMIT 100;
