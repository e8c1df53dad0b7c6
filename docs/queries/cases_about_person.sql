-- question: Which cases were there about this person, the newest first?
-- asks: The dossier on the page of a case; a person's page
-- role: vbl_moderator
-- twin: Case.objects.filter(person=person).order_by("-pk")[:21]
-- index: audit_case_person_id_idx
-- rows: 21
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, reference, subject_kind, status, decided_at
FROM audit_case
WHERE person_id = :'person'
ORDER BY id DESC
LIMIT 21;
