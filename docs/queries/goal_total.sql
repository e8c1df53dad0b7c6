-- question: How many tokens count for this goal beyond those that are folded already?
-- asks: engagement_goal_totals, wherever a goal is shown; engagement_goals_fold
-- role: vbl_finance
-- twin: GoalContribution.objects.filter(goal=goal, is_folded=False).order_by("pk")
-- index: engagement_goalcontribution_unfolded_idx
-- rows: 50
-- partitions: 0
\set goal '019c0000-0000-7000-8000-00000000002a'
SELECT id, tokens
FROM engagement_goalcontribution
WHERE goal_id = :'goal'
  AND NOT is_folded
ORDER BY id;
