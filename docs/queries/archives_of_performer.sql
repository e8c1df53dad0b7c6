-- question: What do viewers find of this performer, the newest first?
-- asks: The public page of a performer
-- role: vbl_viewer
-- twin: Archive.objects.listed().filter(performer_id=performer).order_by("-published_at", "-pk")[:24]
-- index: streams_archive_listed_idx
-- rows: 24
-- partitions: 0
\set performer '01977421-8010-7000-8001-00000000002a'
SELECT id, title, published_at
FROM streams_archive
WHERE performer_id = :'performer'
  AND is_listable
  AND deleted_at IS NULL
  AND published_at <= statement_timestamp()
ORDER BY published_at DESC, id DESC
LIMIT 24;
