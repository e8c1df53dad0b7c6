-- question: Of which running recordings was nothing heard for a quarter of an hour?
-- asks: manage.py recordings_chase; Recordings of the back office, filtered by what is overdue
-- role: vbl_worker
-- twin: Recording.objects.overdue(timedelta(minutes=15))[:100]
-- index: streams_recording_running_idx
-- rows: 100
-- partitions: 0
SELECT id, provider_reference, heard_at
FROM streams_recording
WHERE status IN ('starting', 'active', 'ending')
  AND heard_at < statement_timestamp() - interval '15 minutes'
ORDER BY heard_at, id
LIMIT 100;
