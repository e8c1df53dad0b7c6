-- question: How did this stream come to where it stands?
-- asks: Page of a stream
-- role: vbl_support
-- twin: StreamTransition.objects.filter(stream=stream).order_by("pk")
-- index: streams_streamtransition_stream_id_idx
-- rows: 10
-- partitions: 0
\set stream '018bcfe6-0c10-7000-8001-00000000002a'
SELECT id, from_status, to_status, actor_id, acting_role, reason, at
FROM streams_streamtransition
WHERE stream_id = :'stream'
ORDER BY id;
