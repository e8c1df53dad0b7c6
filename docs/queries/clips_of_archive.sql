-- question: Which clips were made of this archive, the newest first?
-- asks: The page of an archive, for viewers
-- role: vbl_viewer
-- twin: Clip.objects.active().filter(archive_id=archive).order_by("-pk")[:24]
-- index: streams_clip_archive_id_idx
-- rows: 24
-- partitions: 0
\set archive '01977427-96a8-7000-8004-0000000001b9'
SELECT id, title, seconds
FROM streams_clip
WHERE archive_id = :'archive'
  AND status = 'active'
ORDER BY id DESC
LIMIT 24;
