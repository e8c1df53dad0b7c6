-- question: Which cases were there about the same subject, the newest first?
-- asks: The page of a case: what was decided about the subject before
-- role: vbl_moderator
-- twin: Case.objects.about("person", subject)[:21]
-- index: audit_case_subject_kind_subject_id_id_idx
-- rows: 21
-- partitions: 0
\set subject '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, reference, status, decided_at
FROM audit_case
WHERE subject_kind = 'person'
  AND subject_id = :'subject'
ORDER BY id DESC
LIMIT 21;
