-- question: Which verified performers have sent new documents that nobody has examined, the longest waiting first?
-- asks: Performers of the back office, filtered by what waits; the card on the home page of compliance
-- role: vbl_compliance
-- twin: PerformerProfile.objects.renewing()[:51]
-- index: performers_performerprofile_renewing_idx
-- rows: 51
-- partitions: 0
SELECT id, stage_name, renewal_submitted_at
FROM performers_performerprofile
WHERE renewal_submitted_at IS NOT NULL
ORDER BY renewal_submitted_at, id
LIMIT 51;
