-- question: Whose tax form ends within sixty days, the first one first?
-- asks: The card of finance and compliance (TaxForm.objects.ending_before); tax_forms_expire asks for today
-- role: vbl_compliance
-- twin: TaxForm.objects.unsealed().ending_before(now().date() + timedelta(days=60))[:10]
-- index: billing_taxform_ending_idx
-- rows: 10
-- partitions: 0
SELECT id, performer_id, studio_id, expires_on
FROM billing_taxform
WHERE status = 'accepted' AND expires_on < current_date + 60
ORDER BY expires_on, id
LIMIT 10;
