-- question: To whom did this person subscribe, the newest first?
-- asks: The person's own list; a person's page in the back office
-- role: vbl_finance
-- twin: Subscription.objects.filter(viewer=viewer).order_by("-pk")[:20]
-- index: billing_subscription_viewer_id_idx
-- rows: 20
-- partitions: 0
\set viewer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, performer_id, status, renews_at
FROM billing_subscription
WHERE viewer_id = :'viewer'
ORDER BY id DESC
LIMIT 20;
