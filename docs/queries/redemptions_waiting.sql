-- question: What has this performer to decide about, the newest first?
-- asks: Her page: redemptions that wait
-- role: vbl_support
-- twin: Redemption.objects.pending().filter(performer=performer).order_by("-pk")[:20]
-- index: engagement_redemption_pending_idx
-- rows: 20
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, reward_id, viewer_id, words, redeemed_at
FROM engagement_redemption
WHERE performer_id = :'performer'
  AND status = 'pending'
ORDER BY id DESC
LIMIT 20;
