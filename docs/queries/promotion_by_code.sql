-- question: Which promotion is meant by this code, in whatever letter case?
-- asks: billing.services.promotion_redemptions.promotion_redemption_reserve; Promotion codes of the back office
-- role: vbl_worker
-- twin: PromotionCode.objects.called("sPRING-42")
-- index: billing_promotioncode_code_key
-- rows: 1
-- partitions: 0
SELECT id, promotion_id, limit_total, used, is_active
FROM billing_promotioncode
WHERE lower(code COLLATE pg_unicode_fast) = lower('sPRING-42' COLLATE pg_unicode_fast);
