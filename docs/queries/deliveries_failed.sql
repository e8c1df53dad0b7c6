-- question: Which deliveries were given up, the newest first?
-- asks: The delivery log of the back office, filtered by status; the card on the home page of support
-- role: vbl_support
-- twin: DeliveryAttempt.objects.filter(status="failed").order_by("-id")[:51]
-- index: engagement_deliveryattempt_status_id_idx
-- rows: 51
-- partitions: all
SELECT id, recipient_id, channel, words
FROM engagement_deliveryattempt
WHERE status = 'failed'
ORDER BY id DESC
LIMIT 51;
