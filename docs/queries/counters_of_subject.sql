-- question: How many followers, favourites and shares does this performer have?
-- asks: engagement.services.counters.counters_of, for every page that shows figures
-- role: vbl_viewer
-- twin: EngagementCounter.objects.filter(subject=performer, kind__in=["followers", "favourites", "shares"]).order_by("kind")
-- index: engagement_engagementcounter_subject_kind_subject_type_key
-- rows: 3
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, kind, value, folded_at
FROM engagement_engagementcounter
WHERE subject = :'performer' AND kind IN ('followers', 'favourites', 'shares')
ORDER BY kind;
