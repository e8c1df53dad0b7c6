-- question: How did the viewers of this stream come and go, minute by minute?
-- asks: analytics.selectors.streams.stream_curve, for the page of a stream's figures
-- role: vbl_analyst
-- twin: StreamMinute.objects.filter(stream=stream).order_by("minute")[:1440]
-- index: analytics_streamminute_stream_minute_key
-- rows: 1440
-- partitions: 0
\set stream '018bcfe6-0c10-7000-8001-00000000002a'
SELECT id, minute, concurrent, joins, leaves, chat_messages, tips, tip_tokens
FROM analytics_streamminute
WHERE stream_id = :'stream'
ORDER BY minute
LIMIT 1440;
