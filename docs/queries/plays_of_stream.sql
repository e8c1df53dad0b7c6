-- question: Which plays of this stream began, in order? A roll-up asks for those of a day, by bounds of the id.
-- asks: Roll-ups of a stream (analytics.rollups.figures), which compute its minutes from its plays
-- role: vbl_worker
-- twin: ViewerSession.objects.filter(stream=stream).order_by("pk")[:500]
-- index: analytics_viewersession_stream_id_idx
-- rows: 500
-- partitions: all
\set stream '018bcfe6-0c10-7000-8001-00000000002a'
SELECT id, stream_key, watched
FROM analytics_viewersession
WHERE stream_id = :'stream'
ORDER BY id
LIMIT 500;
