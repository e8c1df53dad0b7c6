-- question: What was decided about this person, the latest first?
-- asks: The page of a case: the dossier of the person; Decision.objects.about
-- role: vbl_moderator
-- twin: Decision.objects.about(person)[:21]
-- index: audit_decision_person_id_idx
-- rows: 21
-- partitions: 0
\set person '019c1c39-4810-7000-8001-00000000002a'
SELECT id, case_id, kind, outcome, decided_at, acting_role
FROM audit_decision
WHERE person_id = :'person'
ORDER BY id DESC
LIMIT 21;
