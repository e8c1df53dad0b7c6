-- question: What was written in this conversation, the newest first?
-- asks: A page of a conversation on the public site, for its two people (DirectMessage.objects.page_of)
-- role: vbl_viewer
-- twin: DirectMessage.objects.page_of(conversation)[:50]
-- index: engagement_directmessage_conversation_id_idx
-- rows: 50
-- partitions: all
\set me '018bcfe6-0c10-7000-8000-00000000002a'
\set conversation '018f0000-0000-7000-a000-000000000029'
SELECT id, sender_id, body, status
FROM engagement_directmessage
WHERE conversation_id = :'conversation'
ORDER BY id DESC
LIMIT 50;
