-- question: Which possible matches of sanctions has nobody decided?
-- asks: The card on the home page of compliance (SanctionsScreening.objects.undecided)
-- role: vbl_compliance
-- twin: SanctionsScreening.objects.undecided().order_by("-id")[:51]
-- index: billing_sanctionsscreening_possible_idx
-- rows: 51
-- partitions: 0
SELECT s.id, s.user_id, s.studio_id, s.list, s.screened_at
FROM billing_sanctionsscreening s
WHERE s.outcome = 'possible'
  AND NOT EXISTS (SELECT FROM billing_sanctionsscreening d WHERE d.decides_id = s.id)
ORDER BY s.id DESC
LIMIT 51;
