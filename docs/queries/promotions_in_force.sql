-- question: Which promotions hold now, the newest first?
-- asks: Promotions of the back office, filtered by what is in force
-- role: vbl_finance
-- twin: Promotion.objects.in_force().order_by("-pk")[:51]
-- index: billing_promotion_valid_idx
-- rows: 51
-- partitions: 0
SELECT id, name, used, limit_total
FROM billing_promotion
WHERE valid @> statement_timestamp()
ORDER BY id DESC
LIMIT 51;
