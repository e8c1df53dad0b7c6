-- question: Who subscribed to this performer, the newest first?
-- asks: Her own list; the page of a performer in the back office
-- role: vbl_finance
-- twin: Subscription.objects.filter(performer=performer).order_by("-pk")[:20]
-- index: billing_subscription_performer_id_idx
-- rows: 20
-- partitions: 0
\set performer '01977421-83f8-7000-8001-00000000002b'
SELECT id, viewer_id, status, renews_at
FROM billing_subscription
WHERE performer_id = :'performer'
ORDER BY id DESC
LIMIT 20;
