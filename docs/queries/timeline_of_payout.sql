-- question: What became of this payout, the latest move first?
-- asks: The page of a payout
-- role: vbl_finance
-- twin: PayoutEvent.objects.filter(payout=payout).order_by("-id")
-- index: billing_payoutevent_payout_id_idx
-- rows: 3
-- partitions: 0
\set payout '019af233-5610-7000-8003-00000000002a'
SELECT id, from_status, to_status, moved_at
FROM billing_payoutevent
WHERE payout_id = :'payout'
ORDER BY id DESC;
