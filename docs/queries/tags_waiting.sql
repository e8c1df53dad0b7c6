-- question: Which tags wait for a review, the oldest first?
-- asks: Tags of the back office; the card on the home page of moderators (Tag.objects.waiting)
-- role: vbl_moderator
-- twin: Tag.objects.waiting()[:51]
-- index: streams_tag_waiting_idx
-- rows: 51
-- partitions: 0
SELECT id, name
FROM streams_tag
WHERE reviewed_at IS NULL AND merged_into_id IS NULL
ORDER BY id
LIMIT 51;
