-- question: Which buckets of this roll-up were touched since its last run and are final, in order?
-- asks: analytics.services.rollups.rollup_run, every minute as the worker; the run also says after which touch of the first moment
-- role: vbl_worker
-- twin: RollupTouch.objects.filter(rollup=rollup, moment__gte=since, moment__lt=horizon).order_by("moment", "pk")[:500]
-- index: analytics_rolluptouch_rollup_moment_id_idx
-- rows: 500
-- partitions: all
\set rollup 'viewer_session'
\set since '5700'
\set horizon '5900'
SELECT id, moment, subject, start
FROM analytics_rolluptouch
WHERE rollup = :'rollup' AND moment >= :'since'::bigint AND moment < :'horizon'::bigint
ORDER BY moment, id
LIMIT 500;
