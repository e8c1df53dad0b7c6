-- question: Which running series were not expanded today, by key?
-- asks: performers.jobs.series_due, every hour
-- role: vbl_worker
-- twin: ScheduleSeries.objects.running().filter(expanded_until__lt=now() + timedelta(days=55)).order_by("pk")[:500]
-- index: performers_scheduleseries_running_idx
-- rows: 500
-- partitions: 0
SELECT id
FROM performers_scheduleseries
WHERE ended_at IS NULL
  AND last_day >= statement_timestamp()::date - 1
  AND expanded_until < statement_timestamp() + interval '55 days'
ORDER BY id
LIMIT 500;
