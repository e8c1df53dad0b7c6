-- question: Which archives wait for a moderator, the oldest first?
-- asks: Archives of the back office; the card on the home page of moderators
-- role: vbl_moderator
-- twin: Archive.objects.waiting()[:51]
-- index: streams_archive_waiting_idx
-- rows: 51
-- partitions: 0
SELECT id, title, performer_id
FROM streams_archive
WHERE status = 'pending'
  AND deleted_at IS NULL
ORDER BY id
LIMIT 51;
