-- question: What does the badge of this person count, up to a hundred?
-- asks: Every page of a person (engagement.services.notifications.unread_badge), in their own role; here as the worker
-- role: vbl_worker
-- twin: Notification.objects.unread().filter(recipient_id=person).order_by("id")[:100]
-- index: engagement_notification_unread_idx
-- rows: 100
-- partitions: all
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id
FROM engagement_notification
WHERE recipient_id = :'person'
  AND is_in_app
  AND read_at IS NULL
  AND archived_at IS NULL
  AND (expires_at IS NULL OR expires_at > statement_timestamp())
ORDER BY id
LIMIT 100;
