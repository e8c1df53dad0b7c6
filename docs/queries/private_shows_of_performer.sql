-- question: Which private shows was this performer asked for, the newest first?
-- asks: A performer's page in the back office; her own list
-- role: vbl_support
-- twin: PrivateShow.objects.filter(performer=performer).order_by("-pk")[:20]
-- index: streams_privateshow_performer_id_idx
-- rows: 20
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, viewer_id, status, tokens_per_minute, started_at, ended_at
FROM streams_privateshow
WHERE performer_id = :'performer'
ORDER BY id DESC
LIMIT 20;
