-- question: What is to go out by now, the longest waiting first?
-- asks: engagement.services.deliveries.deliveries_send, after each event and every minute as the worker
-- role: vbl_worker
-- twin: DeliveryAttempt.objects.due().order_by("next_try_at", "id")[:100]
-- index: engagement_deliveryattempt_next_try_at_idx
-- rows: 100
-- partitions: all
SELECT id, channel, tries
FROM engagement_deliveryattempt
WHERE status IN ('queued', 'sending')
  AND frequency = 'immediate'
  AND next_try_at <= statement_timestamp()
ORDER BY next_try_at, id
LIMIT 100;
