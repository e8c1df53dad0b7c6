-- question: Which subscriptions are renewed or end now, the longest due first?
-- asks: billing.services.subscription_renewals.subscriptions_due, every five minutes as the worker
-- role: vbl_worker
-- twin: Subscription.objects.filter(renews_at__lte=Now()).order_by("renews_at", "pk")[:100]
-- index: billing_subscription_due_idx
-- rows: 100
-- partitions: 0
SELECT id, viewer_id, performer_id, renews_at
FROM billing_subscription
WHERE renews_at <= statement_timestamp()
ORDER BY renews_at, id
LIMIT 100;
