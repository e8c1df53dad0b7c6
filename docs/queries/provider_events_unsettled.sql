-- question: Which messages of providers have failed, newest first?
-- asks: Messages of the back office, filtered by status; the card on the home page of finance
-- role: vbl_finance
-- twin: ProviderEvent.objects.filter(status="failed").order_by("-id")[:51]
-- index: billing_providerevent_status_id_idx
-- rows: 51
-- partitions: all
SELECT id, event_type, words, received_at
FROM billing_providerevent
WHERE status = 'failed'
ORDER BY id DESC
LIMIT 51;
