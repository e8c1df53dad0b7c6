-- question: Who of those whom this viewer follows is on air, the newest first?
-- asks: engagement.following.followed_and_live, the feed of a viewer
-- role: vbl_worker
-- twin: Stream.objects.live().filter(visibility="public", performer__followers__user=viewer, performer__followers__ended_at=None).order_by("-pk")[:50]
-- index: engagement_follow_user_performer_key
-- rows: 50
-- partitions: 0
\set viewer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT s.id, s.performer_id, s.title
FROM streams_stream s
JOIN engagement_follow f ON f.performer_id = s.performer_id
WHERE s.status = 'live' AND s.visibility = 'public'
  AND f.user_id = :'viewer' AND f.ended_at IS NULL
ORDER BY s.id DESC
LIMIT 50;
