-- question: By which examination is this performer admitted, and until when are the documents valid?
-- asks: the function performers_obstacles for the gate; the performer's page
-- role: vbl_compliance
-- twin: IdentityRecord.objects.filter(performer_id=person, verdict="accepted").order_by("-pk")[:1]
-- index: performers_identityrecord_performer_id_idx
-- rows: 1
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, examined_by_id, examined_at, documents_until
FROM performers_identityrecord
WHERE performer_id = :'person'
  AND verdict = 'accepted'
ORDER BY id DESC
LIMIT 1;
