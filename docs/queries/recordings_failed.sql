-- question: Which recordings came to nothing, the newest first?
-- asks: Recordings of the back office; the card on the home page of support
-- role: vbl_support
-- twin: Recording.objects.failed()[:51]
-- index: streams_recording_failed_idx
-- rows: 51
-- partitions: 0
SELECT id, provider_reference, error_code
FROM streams_recording
WHERE status = 'failed'
ORDER BY id DESC
LIMIT 51;
