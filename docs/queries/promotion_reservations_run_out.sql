-- question: Which codes are reserved for orders that nobody paid in time, the longest first?
-- asks: manage.py promotion_redemptions_expire, every five minutes as the worker
-- role: vbl_worker
-- twin: PromotionRedemption.objects.run_out(now())[:100]
-- index: billing_promotionredemption_run_out_idx
-- rows: 100
-- partitions: 0
SELECT id, code_id
FROM billing_promotionredemption
WHERE status = 'reserved' AND reserved_until <= statement_timestamp()
ORDER BY reserved_until, id
LIMIT 100;
