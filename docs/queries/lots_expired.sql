-- question: Which lots of tokens are over and not withdrawn yet, the longest ago first?
-- asks: The job lots_expire, every quarter of an hour (billing.services.lots_expiry)
-- role: vbl_worker
-- twin: TokenLot.objects.expired()[:100]
-- index: billing_tokenlot_expiring_idx
-- rows: 100
-- partitions: 0
SELECT id, wallet_id, remaining, expires_at
FROM billing_tokenlot
WHERE remaining > 0
  AND expires_at IS NOT NULL
  AND expires_at <= statement_timestamp()
ORDER BY expires_at, id
LIMIT 100;
