-- question: Of the viewers who began in each of these weeks, how many were there in each week since?
-- asks: The page Who comes back of the back office (analytics.selectors.cohorts)
-- role: vbl_analyst
-- twin: RetentionCohort.objects.filter(kind="viewers", step="week", segment="all", cohort__gte=since, cohort__lte=until).order_by("cohort", "period")
-- index: analytics_retentioncohort_kind_step_segment_cohort_period_key
-- rows: 200
-- partitions: 0
\set since '2026-01-05'
\set until '2026-01-26'
SELECT id, cohort, age, people, erased
FROM analytics_retentioncohort
WHERE kind = 'viewers' AND step = 'week' AND segment = 'all' AND cohort >= :'since' AND cohort <= :'until'
ORDER BY cohort, period;
