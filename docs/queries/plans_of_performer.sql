-- question: What does this performer offer her subscribers, the lowest rank first?
-- asks: Her public page; the choice of a plan
-- role: vbl_viewer
-- twin: Plan.objects.offered().filter(performer=performer).order_by("rank")
-- index: billing_plan_performer_rank_key
-- rows: 2
-- partitions: 0
\set performer '01977421-83f8-7000-8001-00000000002b'
SELECT id, product_id, rank, interval, trial_days
FROM billing_plan
WHERE performer_id = :'performer'
  AND closed_at IS NULL
ORDER BY rank;
