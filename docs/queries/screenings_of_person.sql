-- question: How was this person last screened against a list of sanctions?
-- asks: billing_payout_barred, before anything is paid out; screenings of the back office, filtered by person
-- role: vbl_compliance
-- twin: SanctionsScreening.objects.filter(user_id=person, list="eu").order_by("-id")[:1]
-- index: billing_sanctionsscreening_user_list_id_idx
-- rows: 1
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, outcome, list_version, screened_at
FROM billing_sanctionsscreening
WHERE user_id = :'person'
  AND list = 'eu'
ORDER BY id DESC
LIMIT 1;
