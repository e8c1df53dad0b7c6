-- question: Which share of everybody holds for a tip now, the most special one first?
-- asks: billing.services.revenue_share.rules_for, which asks for the performer's own and her studio's along with it
-- role: vbl_worker
-- twin: RevenueShareRule.objects.in_force().filter(Q(kind="tip") | Q(kind=None), performer=None, studio=None).order_by("kind", "pk")
-- index: billing_revenuesharerule_default_idx
-- rows: 2
-- partitions: 0
SELECT id, kind, performer_points, platform_points
FROM billing_revenuesharerule
WHERE performer_id IS NULL
  AND studio_id IS NULL
  AND (kind = 'tip' OR kind IS NULL)
  AND valid @> statement_timestamp()
ORDER BY kind, id;
