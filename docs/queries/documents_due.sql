-- question: Whose identity documents have run out or do so within 30 days, the soonest first?
-- asks: performers.selectors_admission.documents_due, for the card on the home page of compliance
-- role: vbl_compliance
-- twin: IdentityRecord.objects.current().filter(documents_until__lte=now() + timedelta(days=30), performer__status__in=["verified", "paused"]).order_by("documents_until", "performer_id")[:100]
-- index: performers_identityrecord_until_idx
-- rows: 100
-- partitions: 0
SELECT r.id, r.performer_id, r.documents_until
FROM performers_identityrecord r
JOIN performers_performerprofile p ON p.id = r.performer_id AND p.status IN ('verified', 'paused')
WHERE r.verdict = 'accepted'
  AND r.documents_until <= statement_timestamp() + interval '30 days'
  AND r.id = (
    SELECT latest.id FROM performers_identityrecord latest
    WHERE latest.performer_id = r.performer_id AND latest.verdict = 'accepted'
    ORDER BY latest.id DESC
    LIMIT 1
  )
ORDER BY r.documents_until, r.performer_id
LIMIT 100;
