-- question: Which tokens of this wallet are burned next?
-- asks: billing.services.spends, for every tip, gift and ticket, under the lock of the wallet
-- role: vbl_worker
-- twin: TokenLot.objects.open().filter(wallet=wallet).order_by("expires_at", "pk")[:20]
-- index: billing_tokenlot_left_idx
-- rows: 20
-- partitions: 0
\set wallet '0199c82d-6410-7000-9003-00000000002a'
SELECT id, kind, remaining, cost_remaining, expires_at
FROM billing_tokenlot
WHERE wallet_id = :'wallet'
  AND remaining > 0
ORDER BY expires_at, id
LIMIT 20;
