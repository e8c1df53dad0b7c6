-- question: Which streams have a title that begins like this, in order of title?
-- asks: Search box and stream list of the back office (streams.admin.streams.streams_named)
-- role: vbl_support
-- twin: Stream.objects.title_starts_with(prefix).order_by(without_case("title"))[:20]
-- index: streams_stream_title_idx
-- rows: 20
-- partitions: 0
\set prefix 'broadcast 0004'
SELECT id, title, status
FROM streams_stream
WHERE deleted_at IS NULL AND lower(title COLLATE pg_unicode_fast) LIKE lower(:'prefix') || '%'
ORDER BY lower(title COLLATE pg_unicode_fast)
LIMIT 20;
