-- question: What did players send lately that was not taken, by day, stream and reason, the newest day first?
-- asks: The list of rejections in the back office, filtered by reason
-- role: vbl_analyst
-- twin: PlaybackRejection.objects.filter(reason=reason).order_by("-day", "stream_id")[:100]
-- index: analytics_playbackrejection_day_reason_idx
-- rows: 100
-- partitions: 0
\set reason 'repeated'
SELECT id, day, stream_id, events
FROM analytics_playbackrejection
WHERE reason = :'reason'
ORDER BY day DESC, stream_id
LIMIT 100;
