-- question: What did this person report lately, and what became of it?
-- asks: The page of a person who reports; the limit of reports within an hour
-- role: vbl_moderator
-- twin: Report.objects.filter(reporter=reporter).order_by("-pk")[:31]
-- index: audit_report_reporter_id_idx
-- rows: 31
-- partitions: 0
\set reporter '018bd032-5750-7000-8000-0000000013b2'
SELECT id, category, status, case_id
FROM audit_report
WHERE reporter_id = :'reporter'
ORDER BY id DESC
LIMIT 31;
