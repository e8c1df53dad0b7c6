-- question: Who raided this performer, the latest first?
-- asks: Raids of the back office filtered by raided performer; her own list
-- role: vbl_support
-- twin: Raid.objects.filter(target=performer).order_by("-pk")[:20]
-- index: engagement_raid_target_id_idx
-- rows: 20
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, performer_id, status, viewers, executed_at
FROM engagement_raid
WHERE target_id = :'performer'
ORDER BY id DESC
LIMIT 20;
