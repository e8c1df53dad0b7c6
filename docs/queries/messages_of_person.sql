-- question: What did this person write in all rooms, the newest first?
-- asks: Messages of the back office, filtered by sender; a person's page
-- role: vbl_moderator
-- twin: ChatMessage.objects.of_sender(person)[:50]
-- index: engagement_chatmessage_sender_id_idx
-- rows: 50
-- partitions: all
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, room_id, body, status
FROM engagement_chatmessage
WHERE sender_id = :'person'
ORDER BY id DESC
LIMIT 50;
