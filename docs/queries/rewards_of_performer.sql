-- question: What does this performer offer as rewards, the newest first?
-- asks: Her page on the public site; engagement.services.redemptions.reward_redeem
-- role: vbl_viewer
-- twin: Reward.objects.offered().filter(performer=performer).order_by("-pk")
-- index: engagement_reward_performer_id_idx
-- rows: 20
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, title, tokens, stock, taken
FROM engagement_reward
WHERE performer_id = :'performer'
  AND retired_at IS NULL
ORDER BY id DESC;
