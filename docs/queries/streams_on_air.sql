-- question: What is on air, the newest first?
-- asks: Live now of the back office; the card on the home page of moderators
-- role: vbl_moderator
-- twin: Stream.objects.on_air().order_by("-pk")[:51]
-- index: streams_stream_on_air_idx
-- rows: 51
-- partitions: 0
SELECT id, performer_id, title, status, started_at, last_heartbeat_at
FROM streams_stream
WHERE status IN ('starting', 'live', 'interrupted') AND deleted_at IS NULL
ORDER BY id DESC
LIMIT 51;
