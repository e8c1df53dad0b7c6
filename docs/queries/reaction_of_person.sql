-- question: Has this person reacted to this archive, and how?
-- asks: The page of an archive; engagement.services.reactions.reaction_take_back, which finds the partition by it
-- role: vbl_worker
-- twin: ReactionKey.objects.filter(user=person, target=archive).order_by("kind")
-- index: engagement_reactionkey_user_target_kind_key
-- rows: 6
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
\set archive '019b0000-0000-7000-8000-00000000002a'
SELECT id, kind, reaction
FROM engagement_reactionkey
WHERE user_id = :'person' AND target = :'archive'
ORDER BY kind;
