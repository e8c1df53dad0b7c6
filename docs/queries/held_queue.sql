-- question: Which held messages wait for somebody, the longest first?
-- asks: The queue of held messages in the back office; the card on the home page of moderators
-- role: vbl_moderator
-- twin: HeldMessage.objects.filter(status="pending").order_by("pk")[:50]
-- index: engagement_heldmessage_pending_idx
-- rows: 50
-- partitions: 0
SELECT id, message_id, room_id, sender_id, matched
FROM engagement_heldmessage
WHERE status = 'pending'
ORDER BY id
LIMIT 50;
