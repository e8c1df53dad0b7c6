-- question: Which gifts was this performer sent, the latest first?
-- asks: Her page; gifts of the back office filtered by performer
-- role: vbl_moderator
-- twin: GiftSent.objects.filter(performer=performer).order_by("-pk")[:20]
-- index: engagement_giftsent_performer_id_idx
-- rows: 20
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, sender_id, gift_item_id, quantity, tokens, sent_at
FROM engagement_giftsent
WHERE performer_id = :'performer'
ORDER BY id DESC
LIMIT 20;
