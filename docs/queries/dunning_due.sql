-- question: Which further attempts to collect are due, the longest first?
-- asks: billing.services.dunning.dunning_run, every five minutes as the worker
-- role: vbl_worker
-- twin: DunningAttempt.objects.filter(status="planned", due_at__lte=Now()).order_by("due_at", "pk")[:50]
-- index: billing_dunningattempt_due_idx
-- rows: 50
-- partitions: 0
SELECT id, period_id, number, due_at
FROM billing_dunningattempt
WHERE status = 'planned'
  AND due_at <= statement_timestamp()
ORDER BY due_at, id
LIMIT 50;
