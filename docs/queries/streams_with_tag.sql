-- question: Which streams that anybody may know of have this tag, the newest first?
-- asks: Preview of a merge of tags; pages of a tag
-- role: vbl_viewer
-- twin: StreamTag.objects.filter(tag__name=name).order_by("-stream_id")[:20]
-- index: streams_streamtag_tag_stream_idx
-- rows: 20
-- partitions: 0
\set name 'word-00742'
SELECT l.id, l.stream_id
FROM streams_streamtag l
JOIN streams_tag t ON t.id = l.tag_id
WHERE t.name = :'name'
ORDER BY l.stream_id DESC
LIMIT 20;
