-- question: Which rates of this currency are known, the newest first?
-- asks: Exchange rates of the back office, filtered by currency
-- role: vbl_finance
-- twin: ExchangeRate.objects.filter(quote="USD").order_by("-pk")[:51]
-- index: billing_exchangerate_quote_id_idx
-- rows: 51
-- partitions: 0
SELECT id, rate, valid
FROM billing_exchangerate
WHERE quote = 'USD'
ORDER BY id DESC
LIMIT 51;
