-- question: Which archives of people are over and still have their file, the oldest first?
-- asks: manage.py personal_archives_expire, hourly as the worker
-- role: vbl_worker
-- twin: PersonalArchive.objects.over(now())[:100]
-- index: audit_personalarchive_there_idx
-- rows: 60
-- partitions: 0
SELECT id, object_key, expires_at
FROM audit_personalarchive
WHERE deleted_at IS NULL
  AND expires_at <= statement_timestamp()
ORDER BY expires_at, id
LIMIT 100;
