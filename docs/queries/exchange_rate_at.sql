-- question: What was a euro worth in dollars at this instant, as the European Central Bank had it?
-- asks: billing.exchange.exchange_rate_for, before money is converted
-- role: vbl_worker
-- twin: ExchangeRate.objects.between("EUR", ["USD"], now() - timedelta(days=70), "ecb").order_by("pk")
-- index: billing_exchangerate_valid_excl
-- rows: 1
-- partitions: 0
SELECT id, rate
FROM billing_exchangerate
WHERE base = 'EUR' AND quote = 'USD' AND source = 'ecb' AND valid @> now() - interval '70 days'
ORDER BY id;
