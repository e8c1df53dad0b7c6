-- question: In which alerts was data of this person read, the newest reading first?
-- asks: Alerts on readings of the back office, filtered by whose data was read
-- role: vbl_auditor
-- twin: ReadAlertReading.objects.filter(person=person).order_by("-pk")[:21]
-- index: audit_readalertreading_person_id_idx
-- rows: 9
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, alert_id, reading_id, read_at
FROM audit_readalertreading
WHERE person_id = :'person'
ORDER BY id DESC
LIMIT 21;
