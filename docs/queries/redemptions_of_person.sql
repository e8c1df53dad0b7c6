-- question: What did this person redeem, the latest first?
-- asks: A person's own list; a person's page in the back office
-- role: vbl_support
-- twin: Redemption.objects.filter(viewer=person).order_by("-pk")[:20]
-- index: engagement_redemption_viewer_id_idx
-- rows: 20
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, reward_id, status, tokens, redeemed_at
FROM engagement_redemption
WHERE viewer_id = :'person'
ORDER BY id DESC
LIMIT 20;
