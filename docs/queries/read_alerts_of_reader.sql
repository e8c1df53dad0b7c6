-- question: What was unusual about what this member of staff read, the newest first?
-- asks: The page of a person; alerts on readings of the back office, filtered by reader
-- role: vbl_compliance
-- twin: ReadAlert.objects.filter(reader=reader).order_by("-pk")[:20]
-- index: audit_readalert_reader_id_idx
-- rows: 20
-- partitions: 0
\set reader '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, rule, measured, status, last_at
FROM audit_readalert
WHERE reader_id = :'reader'
ORDER BY id DESC
LIMIT 20;
