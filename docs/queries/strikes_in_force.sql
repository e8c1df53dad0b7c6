-- question: Which strikes count against this person now?
-- asks: The page of a case and of a person; the trigger that climbs the ladder; triage
-- role: vbl_moderator
-- twin: Strike.objects.in_force(person).order_by("expires_at")
-- index: audit_strike_person_expires_at_idx
-- rows: 20
-- partitions: 0
\set person '019c1c39-4810-7000-8001-00000000002a'
SELECT id, points, issued_at, expires_at
FROM audit_strike
WHERE person_id = :'person'
  AND revoked_at IS NULL
  AND expires_at > statement_timestamp()
ORDER BY expires_at;
