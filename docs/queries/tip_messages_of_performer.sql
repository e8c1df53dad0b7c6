-- question: What was this performer told with tips, the latest first?
-- asks: Her page; words with tips of the back office filtered by performer
-- role: vbl_moderator
-- twin: TipMessage.objects.filter(performer=performer).order_by("-pk")[:20]
-- index: engagement_tipmessage_performer_id_idx
-- rows: 20
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, sender_id, tokens, body, sent_at
FROM engagement_tipmessage
WHERE performer_id = :'performer'
ORDER BY id DESC
LIMIT 20;
