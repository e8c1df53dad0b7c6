-- question: To which studio does this performer belong now, and at which share?
-- asks: The page of a performer in the back office; billing, as of the instant of what was earned
-- role: vbl_finance
-- twin: StudioMembership.objects.in_force().filter(performer_id=performer)
-- index: performers_studiomembership_valid_excl
-- rows: 1
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, studio_id, studio_share, lower(valid) AS since
FROM performers_studiomembership
WHERE performer_id = :'performer'
  AND valid @> statement_timestamp();
