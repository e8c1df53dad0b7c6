-- question: Which open goals are over, the longest ago first?
-- asks: engagement.services.goals.goals_expire, every minute as the worker
-- role: vbl_worker
-- twin: Goal.objects.open().filter(ends_at__lte=Now()).order_by("ends_at")[:50]
-- index: engagement_goal_ending_idx
-- rows: 50
-- partitions: 0
SELECT id, performer_id, ends_at
FROM engagement_goal
WHERE status = 'open'
  AND ends_at <= statement_timestamp()
ORDER BY ends_at
LIMIT 50;
