-- question: Which archives were made of the data of this person, the newest first?
-- asks: A person's page in the back office; the person in their own account
-- role: vbl_compliance
-- twin: PersonalArchive.objects.filter(person_id=person).order_by("-pk")[:11]
-- index: audit_personalarchive_person_id_idx
-- rows: 2
-- partitions: 0
\set person '018bcfe7-0228-7000-8000-000000000069'
SELECT id, made_at, rows, content_bytes, expires_at, deleted_at
FROM audit_personalarchive
WHERE person_id = :'person'
ORDER BY id DESC
LIMIT 11;
