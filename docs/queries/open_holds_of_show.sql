-- question: Which tokens are still set aside for this private show?
-- asks: billing.services.token_holds.holds_return, when the show is over
-- role: vbl_worker
-- twin: TokenHold.objects.open().filter(private_show=show).order_by("pk")
-- index: billing_tokenhold_open_idx
-- rows: 10
-- partitions: 0
\set show '019a0000-0000-7000-8000-00000000000a'
SELECT id, wallet_id, tokens, captured, returned
FROM billing_tokenhold
WHERE private_show_id = :'show'
  AND tokens > captured + returned
ORDER BY id;
