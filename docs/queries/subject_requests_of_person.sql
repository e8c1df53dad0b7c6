-- question: What did a person ask for, the newest first?
-- asks: The page of a person in the back office
-- role: vbl_compliance
-- twin: SubjectRequest.objects.filter(person_id=person).order_by("-pk")[:11]
-- index: audit_subjectrequest_person_id_idx
-- rows: 4
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, reference, kind, status, deadline
FROM audit_subjectrequest
WHERE person_id = :'person'
ORDER BY id DESC
LIMIT 11;
