-- question: Which streams of a category, or of one below it, are on air?
-- asks: streams.directory.directory_page with a category; the same index serves tags and labels
-- role: vbl_viewer
-- twin: LiveListing.objects.of(snapshot).filter(category_paths__contains=["00000042"])[:51]
-- index: streams_livelisting_words_idx
-- rows: 51
-- partitions: 0
\set snapshot '018e0000-0000-7000-a000-000000000001'
SELECT id, stream_id, viewers
FROM streams_livelisting
WHERE snapshot_id = :'snapshot'
  AND category_paths @> ARRAY['00000042']
ORDER BY viewer_bucket DESC, stream_id DESC
LIMIT 51;
