-- question: Which pictures wait for a moderator, the oldest first?
-- asks: Profile pictures of the back office; the card on the home page of moderators
-- role: vbl_moderator
-- twin: ProfileMedia.objects.waiting()[:51]
-- index: accounts_profilemedia_waiting_idx
-- rows: 51
-- partitions: 0
SELECT id, user_id, kind
FROM accounts_profilemedia
WHERE status = 'pending'
ORDER BY id
LIMIT 51;
