-- question: Which streams on air have given no sign of life for 30 seconds, the longest silent first?
-- asks: The job streams_reap, every minute (streams.services.reaping.streams_reap)
-- role: vbl_worker
-- twin: Stream.objects.silent(30).order_by("last_heartbeat_at")[:50]
-- index: streams_stream_heartbeat_idx
-- rows: 50
-- partitions: 0
SELECT id, status, last_heartbeat_at
FROM streams_stream
WHERE status IN ('starting', 'live', 'interrupted') AND deleted_at IS NULL
  AND last_heartbeat_at < statement_timestamp() - interval '30 seconds'
ORDER BY last_heartbeat_at
LIMIT 50;
