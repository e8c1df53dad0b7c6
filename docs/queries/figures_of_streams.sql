-- question: What did the streams of this performer come to, the newest first?
-- asks: analytics.selectors.streams.streams_listed; figures of streams of the back office, filtered by performer
-- role: vbl_analyst
-- twin: StreamPerformance.objects.filter(performer=performer).order_by("-started_at")[:20]
-- index: analytics_streamperformance_performer_started_at_idx
-- rows: 20
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, stream_id, started_at, unique_viewers, peak_viewers, average_viewers, watch_seconds, tokens_spent
FROM analytics_streamperformance
WHERE performer_id = :'performer'
ORDER BY started_at DESC
LIMIT 20;
