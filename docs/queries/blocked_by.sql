-- question: Who blocked this person, and has not taken it back?
-- asks: The page of a person in the back office; engagement_blockers_of, about a page of people
-- role: vbl_moderator
-- twin: Block.objects.in_force().filter(blocked=person).order_by("blocker_id")[:50]
-- index: engagement_block_blocked_blocker_idx
-- rows: 50
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, blocker_id, created_at
FROM engagement_block
WHERE blocked_id = :'person' AND ended_at IS NULL
ORDER BY blocker_id
LIMIT 50;
