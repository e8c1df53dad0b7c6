-- question: Is this earning held now, and by what?
-- asks: Whoever pays out, about each earning (billing.models.earning_hold.is_held)
-- role: vbl_worker
-- twin: EarningHold.objects.live().filter(earning_id=earning)
-- index: billing_earninghold_live_idx
-- rows: 1
-- partitions: 0
\set earning '0199c833-7e90-7000-9005-0000000001ba'
SELECT id, cause, dispute_id, risk_review_id, reason
FROM billing_earninghold
WHERE earning_id = :'earning' AND released_at IS NULL;
