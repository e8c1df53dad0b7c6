-- question: Which followers of this performer are told next that she is live?
-- asks: engagement.following.followers_to_tell, batch by batch, by the key of the last follow
-- role: vbl_worker
-- twin: Follow.objects.in_force().filter(performer=performer, notify__in=["all", "live"], pk__gt=after).order_by("pk")[:1000]
-- index: engagement_follow_performer_id_idx
-- rows: 1000
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
\set after '018d0000-0000-7000-8000-000000000000'
SELECT id, user_id
FROM engagement_follow
WHERE performer_id = :'performer' AND ended_at IS NULL AND notify IN ('all', 'live') AND id > :'after'
ORDER BY id
LIMIT 1000;
