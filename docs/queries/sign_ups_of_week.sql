-- question: Who signed up in this week, the first to sign up first?
-- asks: analytics_conversion_compute, which counts how far they came
-- role: vbl_worker
-- twin: User.objects.filter(signed_up_at__gte=since, signed_up_at__lt=until).order_by("signed_up_at", "pk")
-- index: accounts_user_signed_up_at_idx
-- rows: 40
-- partitions: 0
\set since '2025-11-03T00:00:00+00:00'
\set until '2025-11-10T00:00:00+00:00'
SELECT id, sign_up_source, signed_up_at, erased_at
FROM accounts_user
WHERE signed_up_at >= :'since' AND signed_up_at < :'until'
ORDER BY signed_up_at, id;
