-- question: What do the statements of this month come to, in each unit?
-- asks: The page on which a month is closed (billing.admin.period_close), beside the trial balance
-- role: vbl_finance
-- twin: TaxStatement.objects.filter(days=month, kind="month").order_by("currency_id", "pk")
-- index: billing_taxstatement_days_kind_currency_idx
-- rows: 300
-- partitions: 0
\set month '[2023-05-01,2023-06-01)'
SELECT id, currency, opening, earned, closing
FROM billing_taxstatement
WHERE days = :'month' AND kind = 'month'
ORDER BY currency, id;
