-- question: Which open polls take no votes any more, the longest ago first?
-- asks: engagement.services.polls.polls_close, every minute as the worker
-- role: vbl_worker
-- twin: Poll.objects.open().filter(closes_at__lte=Now()).order_by("closes_at")[:50]
-- index: engagement_poll_closing_idx
-- rows: 50
-- partitions: 0
SELECT id, performer_id, closes_at
FROM engagement_poll
WHERE status = 'open'
  AND closes_at <= statement_timestamp()
ORDER BY closes_at
LIMIT 50;
