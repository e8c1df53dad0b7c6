-- question: Of which events were not yet told all whom they concern, the oldest first?
-- asks: manage.py notifications_deliver, every minute as the worker (engagement.services.notification_spreading)
-- role: vbl_worker
-- twin: NotificationEvent.objects.filter(status="recorded").order_by("id")[:100]
-- index: engagement_notificationevent_status_id_idx
-- rows: 100
-- partitions: all
SELECT id, idempotency_key
FROM engagement_notificationevent
WHERE status = 'recorded'
ORDER BY id
LIMIT 100;
