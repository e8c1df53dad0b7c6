-- question: Which files of private messages wait for their scan, the longest waiting first?
-- asks: attachments_chase, hourly as the worker
-- role: vbl_worker
-- twin: Attachment.objects.waiting()[:100]
-- index: engagement_attachment_waiting_idx
-- rows: 100
-- partitions: 0
SELECT id, uploader_id, media_type
FROM engagement_attachment
WHERE status = 'waiting'
ORDER BY id
LIMIT 100;
