-- question: Which stage names begin like this?
-- asks: Performers of the back office and the search box of the header
-- role: vbl_moderator
-- twin: PerformerProfile.objects.stage_name_starts_with("Performer 0004").order_by("-pk")[:20]
-- index: performers_performerprofile_stage_name_idx
-- rows: 20
-- partitions: 0
SELECT id, stage_name, status
FROM performers_performerprofile
WHERE lower(stage_name COLLATE pg_unicode_fast) LIKE 'performer 0004%'
ORDER BY id DESC
LIMIT 20;
