-- question: About which calls without an answer is it time to ask the provider, the longest waiting first?
-- asks: manage.py provider_calls_chase, every minute as the worker (ProviderCall.objects.due)
-- role: vbl_worker
-- twin: ProviderCall.objects.due().order_by("next_try_at")[:500]
-- index: billing_providercall_next_try_at_idx
-- rows: 500
-- partitions: 0
SELECT id, idempotency_key, tries
FROM billing_providercall
WHERE status IN ('waiting', 'begun', 'unknown')
  AND next_try_at <= statement_timestamp()
ORDER BY next_try_at
LIMIT 500;
