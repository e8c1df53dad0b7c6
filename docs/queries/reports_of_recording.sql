-- question: What did the recorder say of this recording, the latest first?
-- asks: The page of a recording
-- role: vbl_support
-- twin: RecordingReport.objects.filter(recording_id=recording).order_by("-pk")[:26]
-- index: streams_recordingreport_recording_id_idx
-- rows: 26
-- partitions: 0
\set recording '0197745d-e500-7000-8003-000000000fa0'
SELECT id, state, outcome, reported_at
FROM streams_recordingreport
WHERE recording_id = :'recording'
ORDER BY id DESC
LIMIT 26;
