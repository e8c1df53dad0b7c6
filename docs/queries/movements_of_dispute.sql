-- question: What money moved for this dispute, in order?
-- asks: The page of a dispute; billing.services.dispute_movements.dispute_weigh
-- role: vbl_finance
-- twin: DisputeMovement.objects.filter(dispute_id=dispute).order_by("pk")[:40]
-- index: billing_disputemovement_dispute_id_idx
-- rows: 2
-- partitions: 0
\set dispute '019ab698-8c10-7000-8001-00000000002a'
SELECT id, kind, amount, fee, net, moved_at
FROM billing_disputemovement
WHERE dispute_id = :'dispute'
ORDER BY id
LIMIT 40;
