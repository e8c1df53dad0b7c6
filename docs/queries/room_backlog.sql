-- question: What was said last in this room?
-- asks: engagement.chat_selectors.room_backlog, for whoever enters a room; older partitions are read only where the newest hold too little
-- role: vbl_viewer
-- twin: ChatMessage.objects.in_room(room).visible()[:50]
-- index: engagement_chatmessage_room_id_idx
-- rows: 50
-- partitions: all
\set room '018d0000-0000-7000-b000-00000000002a'
SELECT id, sender_id, kind, body, reply_to_id
FROM engagement_chatmessage
WHERE room_id = :'room' AND status = 'visible'
ORDER BY id DESC
LIMIT 50;
