-- question: Which applications wait for an examination, the longest waiting first?
-- asks: Performers of the back office, filtered by what waits; the card on the home page of compliance
-- role: vbl_compliance
-- twin: PerformerProfile.objects.submitted()[:51]
-- index: performers_performerprofile_submitted_idx
-- rows: 51
-- partitions: 0
SELECT id, stage_name, submitted_at
FROM performers_performerprofile
WHERE status = 'submitted'
ORDER BY submitted_at, id
LIMIT 51;
