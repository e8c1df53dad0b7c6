-- question: What was this stream called at that instant?
-- asks: Page of a stream; moderation of an archive (StreamMetadataVersion.objects.of)
-- role: vbl_moderator
-- twin: StreamMetadataVersion.objects.of(stream, instant)
-- index: streams_streammetadataversion_valid_excl
-- rows: 1
-- partitions: 0
\set stream '018bcfe6-0c10-7000-8001-00000000002a'
\set instant '2026-01-01 20:30:00+00'
SELECT id, title, language, category_id
FROM streams_streammetadataversion
WHERE stream_id = :'stream' AND valid @> :'instant'::timestamptz;
