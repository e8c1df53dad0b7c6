-- question: Which streams that anybody may know of are in this category, the newest first?
-- asks: Pages of a category for streams that are not on air; the directory reads live_listing
-- role: vbl_viewer
-- twin: StreamCategory.objects.filter(category__slug=slug).order_by("-stream_id")[:20]
-- index: streams_streamcategory_category_stream_idx
-- rows: 20
-- partitions: 0
\set slug 'field-7001'
SELECT l.id, l.stream_id
FROM streams_streamcategory l
JOIN streams_category c ON c.id = l.category_id
WHERE c.slug = :'slug'
ORDER BY l.stream_id DESC
LIMIT 20;
