-- question: Which objects does the storage still have to delete, the longest waiting first?
-- asks: Whoever holds the keys of the storage
-- role: vbl_worker
-- twin: ObjectRemoval.objects.pending()[:100]
-- index: streams_objectremoval_pending_idx
-- rows: 100
-- partitions: 0
SELECT id, object_key
FROM streams_objectremoval
WHERE confirmed_at IS NULL
ORDER BY id
LIMIT 100;
