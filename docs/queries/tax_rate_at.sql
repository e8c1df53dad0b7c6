-- question: Which tax is on a sale in this place now?
-- asks: billing.taxation.tax_rate_for, when an order is priced
-- role: vbl_worker
-- twin: TaxRate.objects.filter(jurisdiction="PT-42", kind="standard").in_force()
-- index: billing_taxrate_valid_excl
-- rows: 1
-- partitions: 0
SELECT id, rate
FROM billing_taxrate
WHERE jurisdiction = 'PT-42' AND kind = 'standard' AND valid @> statement_timestamp();
