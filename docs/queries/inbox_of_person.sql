-- question: Which conversations does this person have in the inbox, the newest first?
-- asks: The inbox of the public site, for oneself (ConversationMember.objects.inbox_of)
-- role: vbl_viewer
-- twin: ConversationMember.objects.inbox_of(me)[:50]
-- index: engagement_conversationmember_person_state_last_message_idx
-- rows: 50
-- partitions: 0
\set me '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, conversation_id, other_id, last_message_id, last_read_id
FROM engagement_conversationmember
WHERE person_id = :'me'
  AND state = 'accepted'
  AND last_message_id IS NOT NULL
ORDER BY last_message_id DESC
LIMIT 50;
