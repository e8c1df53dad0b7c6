-- question: To what was this person invited, the newest first?
-- asks: The back office: private lists, filtered by person; the public site for oneself
-- role: vbl_support
-- twin: AccessGrant.objects.filter(user_id=person).order_by("-id")[:50]
-- index: streams_accessgrant_user_id_idx
-- rows: 50
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, stream_id, archive_id, valid
FROM streams_accessgrant
WHERE user_id = :'person'
ORDER BY id DESC
LIMIT 50;
