-- question: Which archives are over, the longest overdue first?
-- asks: streams.services.archive_purges: the purge of every night
-- role: vbl_worker
-- twin: Archive.all_objects.due_for_purge()[:50]
-- index: streams_archive_purge_at_idx
-- rows: 50
-- partitions: 0
SELECT id, purge_at
FROM streams_archive
WHERE purged_at IS NULL
  AND purge_at <= statement_timestamp()
ORDER BY purge_at, id
LIMIT 50;
