-- question: In which conversations is there something that this person has not read?
-- asks: The badge of the public site, which counts to a hundred (ConversationMember.objects.unread_of)
-- role: vbl_viewer
-- twin: ConversationMember.objects.unread_of(me)[:100]
-- index: engagement_conversationmember_unread_idx
-- rows: 100
-- partitions: 0
\set me '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, conversation_id
FROM engagement_conversationmember
WHERE state = 'accepted'
  AND (last_message_id IS NOT NULL AND last_read_id IS NULL OR last_message_id > last_read_id)
  AND person_id = :'me'
LIMIT 100;
