-- question: Where is this performer not shown?
-- asks: performers.selectors.blocked_regions, before anybody watches
-- role: vbl_viewer
-- twin: GeoBlock.objects.filter(performer_id=performer).order_by("country", "subdivision")
-- index: performers_geoblock_performer_country_subdivision_key
-- rows: 10
-- partitions: 0
\set performer '018bcfe6-0c10-7000-8000-00000000002a'
SELECT id, country, subdivision
FROM performers_geoblock
WHERE performer_id = :'performer'
ORDER BY country, subdivision;
