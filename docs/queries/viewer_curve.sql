-- question: How many watched this stream, minute by minute?
-- asks: Page of a stream, which lets the database cut long ones into at most 500 stretches (viewer_curve)
-- role: vbl_moderator
-- twin: ViewerCountSample.objects.filter(stream=stream).order_by("pk")[:500]
-- index: streams_viewercountsample_stream_id_idx
-- rows: 500
-- partitions: all
\set stream '018bcfe6-0c10-7000-8001-00000000002a'
SELECT id, viewers
FROM streams_viewercountsample
WHERE stream_id = :'stream'
ORDER BY id
LIMIT 500;
