-- question: What was decided about this archive, the latest first?
-- asks: The page of an archive; streams.services.archive_decisions, which finds the removal to reverse
-- role: vbl_moderator
-- twin: ArchiveDecision.objects.filter(archive_id=archive).order_by("-pk")[:11]
-- index: streams_archivedecision_archive_id_idx
-- rows: 11
-- partitions: 0
\set archive '01977427-96a8-7000-8004-0000000001b9'
SELECT id, kind, reason, decided_at
FROM streams_archivedecision
WHERE archive_id = :'archive'
ORDER BY id DESC
LIMIT 11;
