-- question: In which country does this performer live now?
-- asks: finance, for taxes; the performer's page
-- role: vbl_finance
-- twin: PerformerResidence.objects.filter(performer_id=person).in_force()
-- index: performers_performerresidence_valid_excl
-- rows: 1
-- partitions: 0
\set person '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, country
FROM performers_performerresidence
WHERE performer_id = :'person'
  AND valid @> statement_timestamp();
