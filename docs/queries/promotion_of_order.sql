-- question: Which promotion code was used for this order?
-- asks: Uses of promotion codes in the back office, searched by order
-- role: vbl_support
-- twin: PromotionRedemption.objects.filter(order_id=order).order_by("-pk")
-- index: billing_promotionredemption_order_id_idx
-- rows: 5
-- partitions: 0
\set order '018bcfe6-0c10-7000-8014-00000000002a'
SELECT id, code_id, status, discount, currency, bonus_tokens
FROM billing_promotionredemption
WHERE order_id = :'order'
ORDER BY id DESC;
