-- question: Who watched this performer on this day, wrote to her or gave her something?
-- asks: analytics_viewer_days_compute, which replaces these rows
-- role: vbl_worker
-- twin: ViewerPerformerDay.objects.filter(performer=performer, day=day).order_by("pk")
-- index: analytics_viewerperformerday_performer_day_idx
-- rows: 100
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
\set day '2026-01-12'
SELECT id, viewer_id, watched_seconds, messages, tips, tip_tokens
FROM analytics_viewerperformerday
WHERE performer_id = :'performer' AND day = :'day'
ORDER BY id;
