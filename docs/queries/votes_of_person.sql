-- question: In which polls did this person vote, the latest first?
-- asks: A person's own list; staff who look into fraud
-- role: vbl_moderator
-- twin: PollVote.objects.filter(voter=person).order_by("-pk")[:20]
-- index: engagement_pollvote_voter_id_idx
-- rows: 20
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, poll_id, choice_id, voted_at
FROM engagement_pollvote
WHERE voter_id = :'person'
ORDER BY id DESC
LIMIT 20;
