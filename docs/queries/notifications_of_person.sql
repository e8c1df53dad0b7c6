-- question: What is this person told, the newest first?
-- asks: The list of a person (engagement.services.notifications.notifications_page), in their own role; here as the worker
-- role: vbl_worker
-- twin: Notification.objects.shown().filter(recipient_id=person).order_by("-id")[:50]
-- index: engagement_notification_recipient_id_idx
-- rows: 50
-- partitions: all
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, title, group_key, read_at
FROM engagement_notification
WHERE recipient_id = :'person'
  AND is_in_app
  AND archived_at IS NULL
  AND (expires_at IS NULL OR expires_at > statement_timestamp())
ORDER BY id DESC
LIMIT 50;
